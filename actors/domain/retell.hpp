#pragma once

#include "messages/client_events.hpp"
#include "messages/room_events.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace observer::domain {

/// One event of a room's past as a member hears it.
struct retold {
  revision rev = 0;
  client_event::any event;
};

/// Members of a room now; null for somebody who is none.
using find_user = std::function<const user*(user_id)>;

/// What `listener` would have heard of the stored `events`, in order, if it had
/// been there: of each event at most one. Presence is not stored, and a room's
/// settings are left to the `room_data` that comes with the answer. People are
/// shown as they are now, or as they were when they left.
///
/// @param after the revision before that of the first event
/// @returns nothing if that cannot be told: the listener's place ran out, or
///          it is not known any more who somebody was
[[nodiscard]] std::optional<std::vector<retold>>
retell(const room_events& events, revision after, room_id room,
       user_id listener, const find_user& find);

} // namespace observer::domain
