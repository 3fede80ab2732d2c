#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>

namespace observer::gateway {

/// Why clients' connections to the rooms have ended, and how often. Any thread.
class end_counts {
public:
  /// @param reason static
  void count(std::string_view reason) {
    std::lock_guard guard{mutex_};
    ++counts_[reason];
  }

  [[nodiscard]] std::map<std::string_view, std::uint64_t> all() const {
    std::lock_guard guard{mutex_};
    return counts_;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string_view, std::uint64_t> counts_;
};

} // namespace observer::gateway
