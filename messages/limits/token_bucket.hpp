#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

namespace observer {

/// So many a second on average, and so many at once after a pause.
struct token_rate {
  double per_second = 1;
  double burst = 1;

  /// Holds nobody back.
  static constexpr token_rate unlimited() {
    return {std::numeric_limits<double>::infinity(), 1};
  }
};

/// Holds somebody to a rate, and knows what was taken beyond it. It is full at
/// first.
///
/// All that it keeps is the time at which what was taken will be paid for (the
/// generic cell rate algorithm, ITU-T I.371, annex A); the rate comes with each
/// call, so that many buckets can share one.
class token_bucket {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Takes `tokens` if all of them are there. False: it took none.
  [[nodiscard]] bool take(const token_rate& rate, time_point now,
                          double tokens = 1) {
    auto paid_at = paid_after(rate, now, tokens);
    if (paid_at > now)
      return false;
    paid_at_ = paid_at;
    return true;
  }

  /// Takes `tokens` that cannot be given back: those that are not there are
  /// owed.
  void charge(const token_rate& rate, time_point now, double tokens = 1) {
    paid_at_ = paid_after(rate, now, tokens);
  }

  /// Whether a token can be taken.
  [[nodiscard]] bool has_one(const token_rate& rate, time_point now) const {
    return paid_after(rate, now, 1) <= now;
  }

  /// When nothing is owed any more; in the past if nothing is.
  [[nodiscard]] time_point paid_at() const noexcept {
    return paid_at_;
  }

  /// Whether nothing was taken for so long that a new bucket would be equal.
  [[nodiscard]] bool is_full(const token_rate& rate, time_point now) const {
    return paid_at_ <= now - time_for(rate, rate.burst);
  }

private:
  using duration = time_point::duration;

  /// How long it takes until `tokens` have come.
  static duration time_for(const token_rate& rate, double tokens) {
    return std::chrono::duration_cast<duration>(
      std::chrono::duration<double>{tokens / rate.per_second});
  }

  [[nodiscard]] time_point paid_after(const token_rate& rate, time_point now,
                                      double tokens) const {
    return std::max(paid_at_, now - time_for(rate, rate.burst))
           + time_for(rate, tokens);
  }

  time_point paid_at_ = time_point::min();
};

} // namespace observer
