#pragma once

#include "messages/limits/token_bucket.hpp"

#include <chrono>
#include <cstddef>

namespace observer::engineio {

/// How much one connection may say: packets of any kind, and their bytes.
struct flood_limits {
  token_rate packets{100, 500};
  token_rate bytes{1e6, 4e6};

  /// How long it may be over its rate of packets. What it waits for counts, and
  /// is forgiven as slowly as it came.
  std::chrono::milliseconds patience = std::chrono::seconds{5};

  static constexpr flood_limits unlimited() {
    return {token_rate::unlimited(), token_rate::unlimited(), {}};
  }
};

/// Holds one connection to its rates. Whoever is over them is not read until
/// what was read is paid for, so that TCP pushes back; whoever does not mind
/// that for too long is to be closed.
///
/// ~~~
///   open ──take: more than is there──▶ shut ──reopen, at reopens_at──▶ open
/// ~~~
class flood_guard {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A packet was read; no other should be while this is shut.
  void take(const flood_limits& limits, std::size_t bytes, time_point now) {
    packets_.charge(limits.packets, now);
    bytes_.charge(limits.bytes, now, static_cast<double>(bytes));
    if (!shut_ && reopens_at() > now) {
      shut_ = true;
      shut_at_ = now;
    }
  }

  [[nodiscard]] bool is_shut() const noexcept {
    return shut_;
  }

  /// When to `reopen`, once it is shut.
  [[nodiscard]] time_point reopens_at() const noexcept {
    return std::max(packets_.paid_at(), bytes_.paid_at());
  }

  /// Whether bytes are what is to be paid for, rather than packets.
  [[nodiscard]] bool waits_for_bytes() const noexcept {
    return bytes_.paid_at() > packets_.paid_at();
  }

  /// Lets the next packet be read.
  /// @returns false if patience is at its end
  [[nodiscard]] bool reopen(const flood_limits& limits, time_point now) {
    shut_ = false;
    if (packets_.paid_at() <= shut_at_) // it had too many bytes
      return true;
    // A second of waiting takes two, and each second brings one.
    std::chrono::duration<double> waited = now - shut_at_;
    std::chrono::duration<double> patience = limits.patience;
    token_rate seconds{1, patience.count()};
    patience_.charge(seconds, now, 2 * waited.count());
    return patience_.paid_at() <= now;
  }

private:
  token_bucket packets_;
  token_bucket bytes_;
  token_bucket patience_;
  time_point shut_at_{};
  bool shut_ = false;
};

} // namespace observer::engineio
