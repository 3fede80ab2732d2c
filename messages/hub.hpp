#pragma once

#include "messages/handles.hpp"
#include "messages/replies.hpp"

#include <memory>
#include <string>

namespace observer {

/// A connection whose client asks for the session of an earlier one.
class recovering_port : public client_port {
public:
  /// Here it is. Called before anything is delivered. A connection that is gone
  /// by then says so to the session, with the epoch that `earlier` gives it.
  virtual void
  recovered(const connection_info& earlier, const session_actor& session)
    = 0;

  /// There is no such session, or not all that was missed is known: begin
  /// anew.
  virtual void not_recovered() = 0;
};

/// What hubs are told.
namespace hub_message {

using observer::stays_in_process;

/// Session → hub, once, before anything else: how to reach the client.
struct attach_client {
  session_id session{};
  client_port_ptr port;
};

/// Session → hub, once, at its end, however it comes. A connection that the
/// session still has is ended.
struct detach_client {
  session_id session{};
};

/// Session → hub: the connection is lost, but may be followed by another one.
struct suspend_client {
  session_id session{};
  client_port_ptr lost;
};

/// Whoever made the session → hub, once: from here on it can be asked for with
/// its recovery id.
struct remember_client {
  session_id session{};
  session_actor actor;
  /// What its client had heard last when an earlier run of the server ended.
  event_id last_heard;
  /// Nobody has its connection yet: it ends if it cannot be given to the first
  /// one that asks.
  bool awaited = false;
};

/// Gateway → the hub that the recovery id speaks of.
struct recover_client {
  std::string recovery_id;
  heard_so_far heard;
  std::shared_ptr<recovering_port> port;
  /// Whom to ask if the hub knows no such session; null: nobody.
  reviver_actor otherwise;
};

/// Room → hub: from here on the session hears what the room says.
struct admit {
  room_id room{};
  session_id session{};
  bool by_pages = false; ///< it is not told of the whole room
};

/// Room → hub: the session hears no more of the room.
struct dismiss {
  room_id room{};
  session_id session{};
};

/// Room → hub: an event for all sessions of the room on this loop.
struct fan_out {
  room_id room{};
  frame event;
  urgency how = urgency::keep;
  session_id except{}; ///< skipped; 0 skips nobody
};

/// An event for one session.
struct unicast {
  session_id session{};
  frame event;
};

/// The outcome of a request. See `pending_reply`.
struct answer {
  session_id session{};
  request_tag tag;
  reply result;
};

/// Ends the connections of every client, e.g. because the server goes down.
struct disconnect_all {
  std::string why;
};

} // namespace hub_message

} // namespace observer
