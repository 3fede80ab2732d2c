#pragma once

#include "messages/limits/token_bucket.hpp"

#include <algorithm>
#include <cstddef>
#include <unordered_map>

namespace observer {

/// A bucket for each of many, such as addresses, all of one rate. Whoever has a
/// full one is forgotten in time.
template <class Key>
class token_buckets {
public:
  using time_point = token_bucket::time_point;

  /// Takes a token of `whose`; false if there is none.
  [[nodiscard]] bool take(const token_rate& rate, const Key& whose,
                          time_point now) {
    if (buckets_.size() >= look_through_at_)
      forget_full(rate, now);
    return buckets_[whose].take(rate, now);
  }

  /// Whether there is a token of `whose`.
  [[nodiscard]] bool has_one(const token_rate& rate, const Key& whose,
                             time_point now) const {
    auto i = buckets_.find(whose);
    return i == buckets_.end() || i->second.has_one(rate, now);
  }

  /// How many are remembered.
  [[nodiscard]] std::size_t size() const noexcept {
    return buckets_.size();
  }

private:
  static constexpr std::size_t few = 1000;

  /// Looks again once there are twice as many as it had to keep: the cost for
  /// each that came since is constant.
  void forget_full(const token_rate& rate, time_point now) {
    std::erase_if(buckets_,
                  [&](auto& x) { return x.second.is_full(rate, now); });
    look_through_at_ = std::max(few, 2 * buckets_.size());
  }

  std::unordered_map<Key, token_bucket> buckets_;
  std::size_t look_through_at_ = few;
};

} // namespace observer
