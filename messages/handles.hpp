#pragma once

#include "messages/client_port.hpp"
#include "messages/in_process.hpp"
#include "messages/requests.hpp"
#include "messages/secret.hpp"
#include "messages/snapshots.hpp"

#include <caf/typed_actor.hpp>

#include <memory>
#include <tuple>
#include <variant>

/// What each actor can be sent, on one page. The messages are explained in the
/// header of whoever receives them: `messages/hub.hpp` and so on.
namespace observer {

struct client_ref;
struct page_query;
struct past_query;
struct room_past;
struct stored_session;
class pending_reply;

using reply_token = std::shared_ptr<pending_reply>;
using stored_session_ptr = std::shared_ptr<const stored_session>;

/// A timer that the actor set has come due.
struct wake_up {};

namespace hub_message {

struct attach_client;
struct remember_client;
struct suspend_client;
struct recover_client;
struct detach_client;
struct admit;
struct dismiss;
struct fan_out;
struct unicast;
struct answer;
struct disconnect_all;

} // namespace hub_message

namespace session_message {

struct client_gone;
struct client_back;
struct end_session;
struct entered_room;
struct left_room;
struct settled;

} // namespace session_message

namespace room_message {

struct host_retry;
struct resume_request;
struct presence_change;
struct goodbye;
struct describe_room;
struct appended;
struct room_loaded;

} // namespace room_message

namespace password_message {

struct hash_password;
struct check_password;

} // namespace password_message

namespace registry_message {

struct open_room;
struct find_room;
struct room_ended;
struct list_rooms;
struct list_users;

} // namespace registry_message

namespace store_message {

struct append;
struct load_room;
struct keep_session;
struct forget_session;
struct find_session;
struct commit_batch;

} // namespace store_message

namespace detail {

template <class Interface, class Before, class Requests, class After>
struct taking;

template <class Interface, class... Before, class... Request, class... After>
struct taking<Interface, std::tuple<Before...>, std::variant<Request...>,
              std::tuple<After...>> {
  using type = typename Interface::template extend<
    caf::reacts_to<Before..., Request, After...>...>;
};

} // namespace detail

/// `Interface`, which takes each of a variant's requests as well, between what
/// the tuples `Before` and `After` hold.
template <class Interface, class Before, class Requests,
          class After = std::tuple<>>
using taking =
  typename detail::taking<Interface, Before, Requests, After>::type;

/// Every actor answers this.
using observable_actor
  = caf::typed_actor<caf::replies_to<get_snapshot>::with<actor_snapshot>>;

/// One actor a loop: delivers frames to the connections of that loop. All that
/// must stay in order for a client passes through it.
using hub_actor = observable_actor::extend<
  caf::reacts_to<hub_message::attach_client>,
  caf::reacts_to<hub_message::remember_client>,
  caf::reacts_to<hub_message::suspend_client>,
  caf::reacts_to<hub_message::recover_client>,
  caf::reacts_to<hub_message::detach_client>,
  caf::reacts_to<hub_message::admit>, caf::reacts_to<hub_message::dismiss>,
  caf::reacts_to<hub_message::fan_out>, caf::reacts_to<hub_message::unicast>,
  caf::reacts_to<hub_message::answer>,
  caf::reacts_to<hub_message::disconnect_all>>;

/// One actor a client: knows its rooms, keeps its rates, sends its requests on.
using session_actor
  = taking<observable_actor, std::tuple<request_tag>, client_request>::extend<
    caf::reacts_to<session_message::client_gone>,
    caf::reacts_to<session_message::client_back>,
    caf::reacts_to<session_message::end_session>,
    caf::reacts_to<session_message::entered_room>,
    caf::reacts_to<session_message::left_room>,
    caf::reacts_to<session_message::settled>, caf::reacts_to<wake_up>>;

/// One actor a loop: brings sessions back that an earlier run of the server
/// had.
using reviver_actor
  = observable_actor::extend<caf::reacts_to<hub_message::recover_client>>;

/// One actor a room: decides, persists, publishes.
using room_actor = taking<taking<observable_actor, std::tuple<session_id>,
                                 member_request, std::tuple<reply_token>>,
                          std::tuple<client_ref>, entry_request,
                          std::tuple<reply_token>>::
  extend<caf::reacts_to<client_ref, host_request, reply_token>,
         caf::reacts_to<client_ref, room_message::host_retry, reply_token>,
         /// Refuses a request of somebody who is not in the room.
         caf::reacts_to<registry_message::find_room, reply_token>,
         caf::reacts_to<room_message::presence_change>,
         caf::reacts_to<room_message::goodbye>,
         caf::replies_to<client_ref, room_message::resume_request>::with<bool>,
         caf::replies_to<room_message::describe_room>::with<room_data_ptr>,
         caf::replies_to<reading_request>::with<reading_right>,
         caf::reacts_to<room_message::appended>,
         caf::reacts_to<room_message::room_loaded>, caf::reacts_to<wake_up>>;

/// Knows all rooms: makes them, leads those who want to enter to them, and
/// answers REST queries.
using registry_actor = taking<observable_actor, std::tuple<client_ref>,
                              entry_request, std::tuple<reply_token>>::
  extend<caf::reacts_to<registry_message::open_room, client_ref, host_request,
                        reply_token>,
         caf::replies_to<client_ref, room_message::resume_request>::with<bool>,
         /// Refuses a request of somebody who is not in the room: is there
         /// such a room?
         caf::reacts_to<registry_message::find_room, reply_token>,
         caf::reacts_to<registry_message::room_ended>, caf::reacts_to<wake_up>,
         // REST; a room that is not there is a null pointer
         caf::replies_to<registry_message::find_room>::with<room_data_ptr>,
         caf::replies_to<registry_message::list_rooms>::with<room_page_ptr>,
         caf::replies_to<registry_message::list_users>::with<user_page_ptr>,
         caf::replies_to<reading_request>::with<reading_right>>;

/// Hashes passwords and checks them, which is slow on purpose, where nobody
/// else is held up by it.
using password_keeper_actor = observable_actor::extend<
  caf::replies_to<password_message::hash_password>::with<password_hash>,
  caf::replies_to<password_message::check_password>::with<bool>>;

/// Reads pages of history for who does not mind what is not yet stored.
using history_actor
  = observable_actor::extend<caf::replies_to<page_query>::with<message_page>>;

/// Keeps what has happened in all rooms.
using event_store_actor = observable_actor::extend<
  caf::reacts_to<store_message::append>,
  caf::reacts_to<store_message::load_room>,
  caf::reacts_to<registry_message::room_ended>,
  caf::reacts_to<store_message::keep_session>,
  caf::reacts_to<store_message::forget_session>,
  caf::reacts_to<store_message::commit_batch>, caf::reacts_to<wake_up>,
  caf::replies_to<page_query>::with<message_page>,
  // a session that is not there is a null pointer
  caf::replies_to<store_message::find_session>::with<stored_session_ptr>,
  caf::replies_to<past_query>::with<room_past>>;

} // namespace observer
