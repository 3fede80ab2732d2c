#pragma once

#include "messages/client_port.hpp"
#include "messages/requests.hpp"
#include "messages/room_events.hpp"
#include "messages/snapshots.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

/// The typed interfaces of all actors, and the messages that travel between
/// them. They stand in one header because they speak of each other.
///
/// Messages never leave the process, so they are plain structs that need no
/// serialisation; the block at the end tells CAF so.
namespace observer {

/// Every actor answers this.
using observable_actor
  = caf::typed_actor<caf::replies_to<get_snapshot>::with<actor_snapshot>>;

/// A timer that the actor set has come due.
struct wake_up {};

// -- hub ----------------------------------------------------------------------

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

/// Room → hub: from here on the session hears what the room says.
struct admit {
  room_id room{};
  session_id session{};
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

struct remember_client;
struct recover_client;

/// Ends the connections of every client, e.g. because the server goes down.
struct disconnect_all {
  std::string why;
};

/// One actor a loop: delivers frames to the connections of that loop. All that
/// must stay in order for a client passes through it.
using hub_actor = observable_actor::extend<
  caf::reacts_to<attach_client>, caf::reacts_to<remember_client>,
  caf::reacts_to<suspend_client>, caf::reacts_to<recover_client>,
  caf::reacts_to<detach_client>, caf::reacts_to<admit>, caf::reacts_to<dismiss>,
  caf::reacts_to<fan_out>, caf::reacts_to<unicast>, caf::reacts_to<answer>,
  caf::reacts_to<disconnect_all>>;

// -- session ------------------------------------------------------------------

struct entered_room;

/// Room → session: the place in `room` is gone (left, kicked, closed).
struct left_room {
  room_id room{};
  /// Its time ran out while the client was away, who was not told.
  bool expired = false;
};

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

/// Pending reply → session: the request that had to be waited for is answered.
struct settled {};

/// One actor a client: knows its rooms, keeps its rates, sends its requests on.
using session_actor = observable_actor::extend<
  // what the client asks for
  caf::reacts_to<request_tag, host_request>,
  caf::reacts_to<request_tag, join_request>,
  caf::reacts_to<request_tag, rejoin_request>,
  caf::reacts_to<request_tag, leave_request>,
  caf::reacts_to<request_tag, message_request>,
  caf::reacts_to<request_tag, activity_request>,
  caf::reacts_to<request_tag, history_request>,
  caf::reacts_to<request_tag, kick_request>,
  caf::reacts_to<request_tag, mute_request>,
  caf::reacts_to<request_tag, configure_request>,
  caf::reacts_to<request_tag, close_request>, caf::reacts_to<client_gone>,
  caf::reacts_to<client_back>, caf::reacts_to<end_session>,
  caf::reacts_to<wake_up>,
  // what rooms say
  caf::reacts_to<entered_room>, caf::reacts_to<left_room>,
  caf::reacts_to<settled>>;

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

struct recover_client;

/// One actor a loop: brings sessions back that an earlier run of the server
/// had.
using reviver_actor = observable_actor::extend<caf::reacts_to<recover_client>>;

/// Gateway → the hub that the recovery id speaks of.
struct recover_client {
  std::string recovery_id;
  heard_so_far heard;
  std::shared_ptr<recovering_port> port;
  /// Whom to ask if the hub knows no such session; null: nobody.
  reviver_actor otherwise;
};

/// A request that waits for its answer. Whoever drops the last reference
/// without having answered gives `unavailable`: a room that dies cannot leave a
/// client waiting.
class pending_reply {
public:
  /// @param waiting a session to be told `settled` before the client hears the
  ///        answer; null if it does not wait.
  pending_reply(hub_actor hub, session_id session, request_tag tag,
                session_actor waiting);
  pending_reply(const pending_reply&) = delete;
  pending_reply& operator=(const pending_reply&) = delete;
  ~pending_reply();

  /// Sends the answer. Only the first call counts.
  void answer(reply result);

private:
  hub_actor hub_;
  session_id session_;
  request_tag tag_;
  session_actor waiting_;
};

using reply_token = std::shared_ptr<pending_reply>;

// -- room ---------------------------------------------------------------------

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

/// What a room has stored behind `after`, up to `upto`.
struct past_query {
  room_id room{};
  revision after = 0;
  revision upto = 0;
  std::size_t bytes = 0; ///< more than that is not wanted
};

/// The events of a `past_query`, none left out: the first has the revision
/// `after + 1`. Nothing if they are not all there any more, or too many.
struct room_past {
  std::optional<room_events> events;
};

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

/// Registry → room: the `host` that made the room has come again.
struct host_retry {
  /// Whether the place may go to a socket that is not in the room.
  bool may_enter = true;
};

struct find_room;

/// One actor a room: decides, persists, publishes.
using room_actor = observable_actor::extend<
  caf::reacts_to<client_ref, host_request, reply_token>,
  caf::reacts_to<client_ref, host_retry, reply_token>,
  caf::reacts_to<client_ref, join_request, reply_token>,
  caf::reacts_to<client_ref, rejoin_request, reply_token>,
  caf::reacts_to<session_id, leave_request, reply_token>,
  caf::reacts_to<session_id, message_request, reply_token>,
  caf::reacts_to<session_id, activity_request, reply_token>,
  caf::reacts_to<session_id, history_request, reply_token>,
  caf::reacts_to<session_id, kick_request, reply_token>,
  caf::reacts_to<session_id, mute_request, reply_token>,
  caf::reacts_to<session_id, configure_request, reply_token>,
  caf::reacts_to<session_id, close_request, reply_token>,
  /// Refuses a request of somebody who is not in the room.
  caf::reacts_to<find_room, reply_token>, caf::reacts_to<presence_change>,
  caf::reacts_to<goodbye>,
  caf::replies_to<client_ref, resume_request>::with<bool>,
  caf::replies_to<describe_room>::with<room_data_ptr>, caf::reacts_to<appended>,
  caf::reacts_to<room_loaded>, caf::reacts_to<wake_up>,
  caf::replies_to<reading_request>::with<reading_right>>;

/// Room → session: the client has a place in `room`.
struct entered_room {
  room_id room{};
  user_id user{};
  room_actor actor;
};

// -- registry -----------------------------------------------------------------

/// Session → registry, with a `host_request`: make a room.
struct open_room {
  /// Whether the session may be in one room more; else it may only repeat the
  /// `host` of a room that it is in.
  bool may_enter = true;
};

/// Speaks of one room, there or not.
struct find_room {
  room_id room{};
};

/// Room → registry: the room has ended as planned.
struct room_ended {
  room_id room{};
};

/// `GET /api/room`.
struct list_rooms {
  std::optional<room_id> after;
  std::uint32_t limit = 1000;
  bool summary = false; ///< counts of members instead of them
};

/// `GET /api/users`.
struct list_users {
  std::optional<user_id> after;
  std::uint32_t limit = 1000;
};

/// Knows all rooms: makes them, leads those who want to enter to them, and
/// answers REST queries.
using registry_actor = observable_actor::extend<
  // sessions
  caf::reacts_to<open_room, client_ref, host_request, reply_token>,
  caf::reacts_to<client_ref, join_request, reply_token>,
  caf::reacts_to<client_ref, rejoin_request, reply_token>,
  caf::replies_to<client_ref, resume_request>::with<bool>,
  /// Refuses a request of somebody who is not in `room`: is there such a room?
  caf::reacts_to<find_room, reply_token>,
  // rooms and time
  caf::reacts_to<room_ended>, caf::reacts_to<wake_up>,
  // REST; a room that is not there is a null pointer
  caf::replies_to<find_room>::with<room_data_ptr>,
  caf::replies_to<list_rooms>::with<room_page_ptr>,
  caf::replies_to<list_users>::with<user_page_ptr>,
  caf::replies_to<reading_request>::with<reading_right>>;

// -- event store --------------------------------------------------------------

/// A stretch of history. `after` reads forward from there, oldest first;
/// otherwise the newest before `before` (or the newest of all) are read.
struct page_query {
  room_id room{};
  std::optional<sequence> after;
  std::optional<sequence> before;
  std::uint32_t limit = 100;
  /// Direct messages are shown to their two ends only; unset: to nobody.
  std::optional<user_id> reader;
  /// Messages behind this one are not there yet: whoever asks hears of them
  /// otherwise.
  std::optional<sequence> upto;
};

/// Room → store: events to keep, then perhaps a page to read. Answered with
/// `appended` to `from`, in the order of the requests.
struct append {
  room_id room{};
  room_events events;
  std::optional<page_query> query;
  room_actor from;
  std::optional<past_query> past;
};

/// Session → store: it is there, and may be asked for after a restart. What the
/// store cannot keep now, its client will not miss: it begins anew then.
struct keep_session {
  session_key key{};
  std::string socket_id;
};

/// Session → store: it is over.
struct forget_session {
  session_key key{};
};

/// Asks the store for a session that an earlier run of the server had.
struct find_session {
  session_key key{};
};

/// A session as the store knows it.
struct stored_session {
  /// A place that the session had in a room.
  struct seat {
    room_id room{};
    user_id user{};
    revision since = 0;
    std::optional<revision> ended; ///< unset: has it still

    bool operator==(const seat&) const = default;
  };

  std::string socket_id;
  /// In order of `room`; of the ended ones, the last that it entered.
  std::vector<seat> seats;

  bool operator==(const stored_session&) const = default;
};

using stored_session_ptr = std::shared_ptr<const stored_session>;

/// Room → store: what is there of me? Answered with `room_loaded`.
struct load_room {
  room_id room{};
  room_actor from;
};

/// Store → itself: all appends that were waiting are in the batch.
struct commit_batch {};

/// Reads pages of history for who does not mind what is not yet stored.
using history_actor
  = observable_actor::extend<caf::replies_to<page_query>::with<message_page>>;

/// Keeps what has happened in all rooms.
using event_store_actor = observable_actor::extend<
  caf::reacts_to<append>, caf::reacts_to<load_room>, caf::reacts_to<room_ended>,
  caf::reacts_to<keep_session>, caf::reacts_to<forget_session>,
  caf::reacts_to<commit_batch>, caf::reacts_to<wake_up>,
  caf::replies_to<page_query>::with<message_page>,
  // a session that is not there is a null pointer
  caf::replies_to<find_session>::with<stored_session_ptr>,
  caf::replies_to<past_query>::with<room_past>>;

} // namespace observer

// In-process messages: CAF needs no way to serialise them.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::session_id)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::request_tag)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::reply_token)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::wake_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::get_snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::actor_snapshot)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::host_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::host_retry)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::join_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::rejoin_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::leave_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::message_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::activity_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::history_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::kick_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::mute_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::configure_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::close_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::attach_client)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::remember_client)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::suspend_client)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::recover_client)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::client_back)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::presence_change)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::goodbye)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::describe_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::end_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::resume_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::keep_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::forget_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::find_session)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::stored_session_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::past_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::room_past)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::detach_client)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::admit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::dismiss)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::fan_out)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::unicast)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::disconnect_all)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::client_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::entered_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::left_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::settled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::client_ref)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::appended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::room_loaded)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::load_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::commit_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::list_users)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::user_page_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::open_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::find_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::room_data_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::room_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::list_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::room_page_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::reading_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::reading_right)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::page_query)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::append)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::message_page)
