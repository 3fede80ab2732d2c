#pragma once

#include "messages/handles.hpp"

#include <cstdint>

namespace observer {

/// What sessions are told.
namespace session_message {

using observer::stays_in_process;

/// Gateway → session: a connection is gone.
struct client_gone {
  /// Whether the client said so (a DISCONNECT packet); then it leaves its
  /// rooms. Otherwise its places stay for the grace time.
  bool clean = false;
  /// `connection_info::epoch` of that connection. The session may have another
  /// one since.
  std::uint32_t epoch = 0;
};

/// Hub → session, before the connection hears of it: another connection has
/// taken the place of the last one.
struct client_back {
  client_port_ptr port;
  std::uint32_t epoch = 0; ///< of the connection
};

/// Reviver or hub → session: nobody will come back for it.
struct end_session {};

/// Room → session: the client has a place in `room`.
struct entered_room {
  room_id room{};
  user_id user{};
  room_actor actor;
};

/// Room → session: the place in `room` is gone (left, kicked, closed).
struct left_room {
  room_id room{};
  /// Its time ran out while the client was away, who was not told.
  bool expired = false;
};

/// Pending reply → session: the request that had to be waited for is answered.
struct settled {};

} // namespace session_message

} // namespace observer
