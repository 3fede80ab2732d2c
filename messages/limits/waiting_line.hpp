#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

namespace observer {

/// Who waits for something slow: only so many, and of one address only a
/// quarter of them, so that it does not keep out the others. Any thread.
class waiting_line {
  struct places {
    std::mutex mutex;
    std::size_t taken = 0;
    std::unordered_map<std::string, std::size_t> by_network;
  };

public:
  explicit waiting_line(std::size_t limit)
    : limit_(limit),
      share_(std::max<std::size_t>(1, limit / 4)) {
  }

  /// A place in the line, given up with the last reference. It may outlive the
  /// line.
  using place = std::shared_ptr<const void>;

  /// Null if there is none.
  [[nodiscard]] place enter(const std::string& network) {
    std::lock_guard guard{places_->mutex};
    auto& own = places_->by_network[network];
    if (places_->taken >= limit_ || own >= share_) {
      if (own == 0)
        places_->by_network.erase(network);
      return nullptr;
    }
    ++own;
    ++places_->taken;
    return place{places_.get(), [all = places_, network](const void*) {
                   std::lock_guard leaving{all->mutex};
                   --all->taken;
                   if (auto i = all->by_network.find(network); --i->second == 0)
                     all->by_network.erase(i);
                 }};
  }

  /// How many wait.
  [[nodiscard]] std::size_t size() const {
    std::lock_guard guard{places_->mutex};
    return places_->taken;
  }

private:
  std::size_t limit_;
  std::size_t share_; ///< of one network
  std::shared_ptr<places> places_ = std::make_shared<places>();
};

} // namespace observer
