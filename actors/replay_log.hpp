#pragma once

#include "messages/client_port.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

namespace observer {

/// What was said to the clients of one loop lately, kept once however many
/// heard it, so that a client whose connection broke can be told all that it
/// missed (connection state recovery).
///
/// Positions count all that was ever added; a listener's presence in a room is
/// a stretch of positions.
class replay_log {
public:
  using position = std::uint64_t;

  /// What one client could hear.
  struct listener {
    struct stretch {
      room_id room{};
      position begin = 0;
      std::optional<position> end; ///< unset: is in the room
    };

    session_id session{};
    position begin = 0;
    std::vector<stretch> stretches;
    event_id last; ///< what it heard last before `begin`; not set: nothing
  };

  /// @param keep how long an event is kept
  /// @param bytes how much is kept at most
  replay_log(std::chrono::milliseconds keep, std::size_t bytes);

  /// From here on a session can hear something.
  [[nodiscard]] listener begin(session_id session) const;

  /// The session has ended.
  void forget(session_id session);

  /// Nobody hears the room any more.
  void forget(room_id room);

  void enter(listener& who, room_id room) const;
  void leave(listener& who, room_id room) const;

  /// An event to everybody in a room but `except`.
  void add(room_id room, session_id except, frame event, monotonic now);

  /// An event to one client.
  void add(session_id session, frame event, monotonic now);

  /// What `who` has not heard, oldest first, if `last` is what it heard last.
  /// Nothing if the log does not reach back so far, or if it is more than
  /// `bytes`.
  [[nodiscard]] std::optional<std::vector<frame>>
  missed(const listener& who, const event_id& last, std::size_t bytes) const;

private:
  struct entry {
    room_id room{};       ///< if `session` is 0
    session_id session{}; ///< 0: everybody in the room, but
    session_id except{};
    frame event;
    monotonic at{};
  };

  /// The last event to a room, or to a session, that was let go.
  struct gone {
    event_id event;
    position at = 0;
    session_id except{};
  };

  void push(entry x, monotonic now);
  void drop_oldest();
  [[nodiscard]] static bool heard(const listener& who, const entry& x,
                                  position at);
  [[nodiscard]] gone last_gone(const listener& who) const;

  [[nodiscard]] position end() const noexcept {
    return first_ + entries_.size();
  }

  std::chrono::milliseconds keep_;
  std::size_t bytes_limit_;
  std::deque<entry> entries_;
  position first_ = 1; ///< of the oldest entry
  std::size_t bytes_ = 0;
  std::unordered_map<room_id, gone> gone_;
  std::unordered_map<session_id, gone> direct_gone_;
};

} // namespace observer
