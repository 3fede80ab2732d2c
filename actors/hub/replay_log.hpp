#pragma once

#include "messages/client_port.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace observer {

/// What was said to the clients of one loop lately, kept once however many
/// heard it, so that a client whose connection broke can be told all that it
/// missed (connection state recovery).
///
/// Positions count all that was ever added; a listener's presence in a room is
/// a stretch of positions. The log has no list of rooms or listeners: it lives
/// off what they and its entries hold.
class replay_log {
public:
  using position = std::uint64_t;

  /// Where something is said: in one room, or to one client alone. Held by
  /// those who listen, and by what was said as long as the log has it.
  class source {
  public:
    /// @param room unset: to one client alone
    explicit source(room_id room = {}) : room_(room) {
    }

    [[nodiscard]] room_id room() const noexcept {
      return room_;
    }

  private:
    friend class replay_log;

    room_id room_;
    // What the log let go last of what was said here.
    event_id gone_;
    position gone_at_ = 0; ///< 0: nothing
  };

  using source_ptr = std::shared_ptr<source>;

  /// What one client could hear.
  struct listener {
    struct stretch {
      source_ptr in;
      position begin = 0;
      std::optional<position> end; ///< unset: is in the room
    };

    session_id session{};
    source_ptr own; ///< what is said to it alone
    position begin = 0;
    std::vector<stretch> stretches;
    event_id last; ///< what it heard last before `begin`; not set: nothing
  };

  /// @param keep how long an event is kept
  /// @param bytes how much is kept at most
  replay_log(std::chrono::milliseconds keep, std::size_t bytes);

  /// From here on a session can hear something.
  [[nodiscard]] listener begin(session_id session) const;

  void enter(listener& who, const source_ptr& room) const;
  void leave(listener& who, const source_ptr& room) const;

  /// An event to everybody who listens to `where`, but `except`.
  void add(const source_ptr& where, session_id except, frame event,
           monotonic now);

  /// What `who` has not heard, oldest first, if `last` is what it heard last.
  /// Nothing if the log does not reach back so far, or if it is more than
  /// `bytes`.
  [[nodiscard]] std::optional<std::vector<frame>>
  missed(const listener& who, const event_id& last, std::size_t bytes) const;

private:
  struct entry {
    source_ptr where;
    session_id except{};
    frame event;
    monotonic at{};
  };

  void drop_oldest();
  [[nodiscard]] static bool heard(const listener& who, const entry& x,
                                  position at);
  [[nodiscard]] static const source& last_gone(const listener& who);

  [[nodiscard]] position end() const noexcept {
    return first_ + entries_.size();
  }

  std::chrono::milliseconds keep_;
  std::size_t bytes_limit_;
  std::deque<entry> entries_;
  position first_ = 1; ///< of the oldest entry
  std::size_t bytes_ = 0;
};

} // namespace observer
