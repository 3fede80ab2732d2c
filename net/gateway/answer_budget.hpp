#pragma once

#include "messages/limit_counts.hpp"

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

namespace observer::gateway {

/// How many bytes of answers may wait for their readers, over all connections.
/// A text counts once, as long as anybody holds it. Any thread.
class answer_budget {
public:
  /// @param met counts what was too much.
  answer_budget(std::size_t limit, limit_counts::counter& met);

  /// Null if that were too much. A text alone is never too much.
  [[nodiscard]] std::shared_ptr<const std::string> hold(std::string text) const;

private:
  using account = std::atomic<std::size_t>;

  struct held_text;

  std::size_t limit_;
  limit_counts::counter& met_;
  std::shared_ptr<account> held_ = std::make_shared<account>(0);
};

} // namespace observer::gateway
