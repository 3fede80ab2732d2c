#pragma once

#include "messages/room.hpp"

#include <optional>
#include <unordered_map>
#include <vector>

namespace observer {

/// Where the members of a room are: who has a seat, which is that of a session,
/// and since when the others are away.
///
/// Decisions move people before the store has kept them; so each move is either
/// settled or undone, undone ones newest first. What happens to sessions is
/// true in any case, and is noted of seats that are given up as well.
class roster {
public:
  struct seat {
    user_id user{};
    client_ref client;
    /// Since when the session has no connection, if it has none.
    std::optional<monotonic> lost;
    bool shown_offline = false; ///< to its own client, which is not there
    bool given_up = false;      ///< by a move that is not settled
    bool ended = false;         ///< the session is over; of one given up only
  };

  /// One decision about one member.
  struct move {
    user_id user{};
    session_id from{};             ///< whose seat is given up; 0: nobody's
    session_id to{};               ///< whose seat is taken; 0: nobody's
    std::optional<monotonic> away; ///< since when the user was, if without seat
  };

  /// Gives the user a seat, instead of another one if there is one. The session
  /// must have none.
  [[nodiscard]] move enter(user_id user, const client_ref& client);

  /// The user is a member no more.
  [[nodiscard]] move leave(user_id user);

  /// It is for good. @returns the seat that was given up, if there was one
  std::optional<seat> settle(const move& done);

  /// It has never been. @returns the seat that was taken, if it is still there
  std::optional<seat> undo(const move& done);

  /// The session of that actor is over: a member who sits there is away.
  /// @returns the seat as it was
  std::optional<seat> end(caf::actor_id session, monotonic now);

  /// All were told who is where: those without a connection as well, once they
  /// are back.
  void note_shown();

  /// Whether a user who is back was shown to itself as offline. Once.
  [[nodiscard]] bool take_shown(user_id user);

  /// Somebody of whom nothing is known is away since `when`.
  void note_away(user_id user, monotonic when);

  /// Since when the user is away; nothing of who is there.
  [[nodiscard]] std::optional<monotonic> away_since(user_id user) const;

  /// A session's seat, given up or not; null if it has none.
  [[nodiscard]] seat* find(session_id session);

  /// A member's seat, null if there is none.
  [[nodiscard]] const seat* find(user_id user) const;

  /// Whether no member has a seat.
  [[nodiscard]] bool empty() const noexcept {
    return by_user_.empty();
  }

  /// Members who have a seat.
  [[nodiscard]] std::size_t size() const noexcept {
    return by_user_.size();
  }

  /// All members of whom anything is known, in no order.
  [[nodiscard]] std::vector<user_id> members() const;

  /// All seats, those given up included, in no order.
  [[nodiscard]] const auto& seats() const noexcept {
    return seats_;
  }

  void clear() noexcept;

private:
  std::optional<seat> remove(session_id session);

  std::unordered_map<session_id, seat> seats_;
  std::unordered_map<caf::actor_id, session_id> by_actor_;
  std::unordered_map<user_id, session_id> by_user_; ///< not those given up
  /// Who has no seat.
  std::unordered_map<user_id, monotonic> away_;
};

} // namespace observer
