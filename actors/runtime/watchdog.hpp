#pragma once

#include "actors/runtime/clock.hpp"
#include "actors/runtime/directory.hpp"
#include "actors/runtime/loops.hpp"

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <vector>

namespace observer::runtime {

/// Looks from a thread of its own at what the loops cannot say themselves while
/// it goes on: a handler that does not come to its end, a loop that gets to
/// nothing new, a mailbox that grows. Costs the loops a ping in 50 ms, and
/// messages nothing.
class watchdog {
public:
  /// Between two looks.
  static constexpr auto period = std::chrono::milliseconds{50};

  /// How long a loop may get to nothing new.
  static constexpr auto stuck_after = std::chrono::milliseconds{250};

  /// How long a mailbox may be crowded.
  static constexpr auto crowded_after = std::chrono::seconds{1};

  /// Both must outlive it; the loops must run as long as anybody looks.
  watchdog(loops& watched, directory& actors);

  /// One look. Whoever looks for himself says what time it is.
  void look(monotonic now);

  /// Looks every `period` until it shall stop.
  void run(const std::stop_token& stop);

private:
  /// What a loop was seen to do.
  struct view {
    std::uint64_t pings = 0;   ///< asked
    monotonic asked;           ///< the last of them
    caf::actor_id actor = 0;   ///< whose handler was seen; 0: none
    std::uint64_t handled = 0; ///< by that actor, at that time
    monotonic seen;            ///< first with that handler
  };

  void look_at(loop& which, view& before, monotonic now);
  void look_at_handler(loop& which, view& before, monotonic now);
  void look_at_mailboxes(monotonic now);

  loops& loops_;
  directory& actors_;
  std::vector<view> views_; ///< one a loop
  monotonic last_look_{};
};

} // namespace observer::runtime
