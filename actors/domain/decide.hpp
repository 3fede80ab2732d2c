#pragma once

#include "actors/domain/room_state.hpp"
#include "messages/failure.hpp"
#include "messages/requests.hpp"

#include <variant>

/// The rules of a room, without any actor around them: given the state and
/// what somebody wants, which events happen, or why nothing does.
namespace observer::domain {

/// All events of a request happen, or none does.
using decision = std::variant<room_events, failure>;

/// What a room gives to somebody who enters, in case they may.
struct fresh_place {
  user_id user{};
  token_hash token{};
};

// -- entering -----------------------------------------------------------------

/// @param id the id that the registry gave to the new room.
/// @param capacity_limit used when the request names no capacity.
[[nodiscard]] decision
decide(const room_state& state, const host_request& request, room_id id,
       const fresh_place& place, std::uint32_t capacity_limit, timestamp now);

/// @param fits whether `request.password` is the room's, if that has one.
/// @param observer_limit observers that the server allows in a room.
[[nodiscard]] decision
decide(const room_state& state, const join_request& request, bool fits,
       const fresh_place& place, std::uint32_t observer_limit, timestamp now);

/// Which place a rejoin token opens.
[[nodiscard]] std::variant<user_id, failure>
find_place(const room_state& state, const rejoin_request& request);

/// Whoever could enter now may read, and whoever has a place.
/// @param fits as for a `join_request`
[[nodiscard]] reading_right
find_right(const room_state& state, const reading_request& request, bool fits);

// -- what members ask for -----------------------------------------------------

[[nodiscard]] decision decide(const room_state& state, user_id by,
                              const leave_request& request);

/// The message's `room`, `seq`, `from` and `sent_at` are the room's word; a
/// retry of a message that is there already (`find_named`) must not come here.
[[nodiscard]] decision decide(const room_state& state, user_id by,
                              const message_request& request, timestamp now);

/// The message that `request` repeats, if it does.
[[nodiscard]] const named_message*
find_named(const room_state& state, user_id by, const message_request& request);

/// Whether `by` may send an activity; there is no event for it.
[[nodiscard]] std::optional<failure> refuse_activity(const room_state& state,
                                                     user_id by);

[[nodiscard]] decision decide(const room_state& state, user_id by,
                              const kick_request& request);

[[nodiscard]] decision decide(const room_state& state, user_id by,
                              const mute_request& request);

[[nodiscard]] decision decide(const room_state& state, user_id by,
                              const configure_request& request);

[[nodiscard]] decision decide(const room_state& state, user_id by,
                              const close_request& request);

// -- what happens to who is away
// -----------------------------------------------------------

/// Ends the membership of one whose connection was lost `grace` ago. To be
/// called until nothing comes back.
[[nodiscard]] room_events expire_one(const room_state& state, monotonic now,
                                     std::chrono::milliseconds grace);

/// Ends the membership of one who is offline.
[[nodiscard]] room_events expire(const room_state& state, user_id user);

/// When `expire_one` has something to do next.
[[nodiscard]] std::optional<monotonic>
next_expiry(const room_state& state, std::chrono::milliseconds grace);

} // namespace observer::domain
