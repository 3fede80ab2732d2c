#pragma once

#include "messages/ids.hpp"

#include <algorithm>

namespace observer::domain {

/// Lets through `per_second` on average and `burst` at once.
class token_bucket {
public:
  token_bucket(double per_second, double burst)
    : per_second_(per_second),
      burst_(burst),
      tokens_(burst) {
  }

  /// Takes one token; false if there is none.
  bool take(monotonic now) {
    tokens_ = level(now);
    last_ = now;
    if (tokens_ < 1)
      return false;
    tokens_ -= 1;
    return true;
  }

  /// Whether `take` would find one.
  [[nodiscard]] bool has_one(monotonic now) const {
    return level(now) >= 1;
  }

  /// Whether nothing was taken for so long that a new bucket would be equal.
  [[nodiscard]] bool is_full(monotonic now) const {
    return level(now) >= burst_;
  }

private:
  [[nodiscard]] double level(monotonic now) const {
    if (last_ == monotonic{})
      return tokens_;
    std::chrono::duration<double> elapsed = now - last_;
    return std::min(burst_, tokens_ + elapsed.count() * per_second_);
  }

  double per_second_;
  double burst_;
  double tokens_;
  monotonic last_{};
};

} // namespace observer::domain
