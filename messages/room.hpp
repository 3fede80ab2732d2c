#pragma once

#include "messages/handles.hpp"
#include "messages/history.hpp"
#include "messages/secret.hpp"

#include <memory>
#include <optional>
#include <string>

namespace observer {

/// Whom a room admits: the session, and the way to its client.
struct client_ref {
  session_id session{};
  session_actor actor;
  hub_actor hub;
  /// What the store knows the session by; null without recovery.
  std::shared_ptr<const session_key> key;
  /// Where it comes from (`network_of`), for who counts failed entries.
  std::string network{};
};

/// What rooms are told.
namespace room_message {

using observer::stays_in_process;

/// Registry → room: the `host` that made the room has come again.
struct host_retry {
  /// Whether the place may go to a socket that is not in the room.
  bool may_enter = true;
  std::optional<std::uint32_t> participants; ///< as in `host_request`
};

/// Reviver → registry → room: a session of an earlier run of the server is back
/// for its place. Answered with whether all that it missed is on its way.
struct resume_request {
  room_id room{};
  user_id user{};
  /// Since when the session had the place.
  revision since = 0;
  /// How far its client has heard the room; unset: it does not know yet that
  /// it is in.
  std::optional<revision> heard;
};

/// Session → room: the connection is lost, or found again, while the session
/// lives on.
struct presence_change {
  session_id session{};
  bool online = false;
};

/// Session → room: the client said goodbye. Its place is given up, now or as
/// soon as the store can keep that; nobody waits for an answer.
struct goodbye {
  session_id session{};
};

/// Registry → room: how clients see it. Answered when all that it shows is
/// stored; null if there is no such room.
struct describe_room {};

/// Store → room: everything that was appended before this is durable, or, if
/// not `ok`, nothing of this append is, nor of any that follows until the room
/// has been loaded again.
struct appended {
  bool ok = true;
  std::optional<message_page> page; ///< if the append carried a query
  room_past past;                   ///< if it carried a `past_query`
};

/// Store → room: what there is to fold, or, if not `ok`, that the store cannot
/// say now. Contents of messages are left out. No events: no such room.
struct room_loaded {
  bool ok = true;
  room_events events;
  revision last = 0; ///< of the newest event
};

} // namespace room_message

} // namespace observer
