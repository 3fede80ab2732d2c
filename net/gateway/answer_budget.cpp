#include "net/gateway/answer_budget.hpp"

#include <utility>

namespace observer::gateway {

/// Connections may outlive the budget, but not what it counts with.
struct answer_budget::held_text {
  std::string text;
  std::shared_ptr<account> held;

  held_text(std::string content, std::shared_ptr<account> from)
    : text(std::move(content)),
      held(std::move(from)) {
  }

  held_text(const held_text&) = delete;
  held_text& operator=(const held_text&) = delete;

  ~held_text() {
    held->fetch_sub(text.size());
  }
};

answer_budget::answer_budget(std::size_t limit, limit_counts::counter& met)
  : limit_(limit),
    met_(met) {
}

std::shared_ptr<const std::string> answer_budget::hold(std::string text) const {
  auto size = text.size();
  auto before = held_->fetch_add(size);
  auto kept = std::make_shared<held_text>(std::move(text), held_);
  if (before > 0 && before + size > limit_) {
    ++met_;
    return nullptr; // and gives back what it took
  }
  return {kept, &kept->text};
}

} // namespace observer::gateway
