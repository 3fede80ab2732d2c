#include "actors/session/session.hpp"

#include "actors/domain/secret.hpp"
#include "messages/hub.hpp"
#include "messages/limits/network.hpp"
#include "messages/pending_reply.hpp"
#include "messages/registry.hpp"
#include "messages/store.hpp"

#include <caf/send.hpp>

namespace observer {

namespace {

/// Requests after which the set of rooms may be another: what follows must
/// wait for their outcome.
template <class T>
concept room_changing
  = !request_in<T, member_request> || std::same_as<T, leave_request>;

/// Requests that give a room a password.
template <class T>
concept password_giving = requires(T x) {
  x.hash = password_hash{};
};

} // namespace

std::shared_ptr<const session_key> make_session_key(const settings& limits,
                                                    const client_port& port) {
  if (!limits.recovery_window)
    return nullptr;
  return std::make_shared<const session_key>(
    domain::hash_token(port.info().recovery_id));
}

session::session(caf::actor_config& config, const runtime::placement& where,
                 const session_services& services, session_id id,
                 client_port_ptr port, std::shared_ptr<const session_key> key)
  : inspectable(config, where, kind, port->info().socket_id),
    services_(services),
    clock_(where.clock),
    id_(id),
    port_(std::move(port)),
    key_(std::move(key)),
    connected_at_(where.clock.now()) {
  set_down_handler([this](caf::down_msg& x) { on_down(x); });
}

template <class T>
auto session::accepts() {
  return on(
    [this](const request_tag& tag, T& request) { submit(tag, request); });
}

session::behavior_type session::make_behavior() {
  if (key_)
    send(services_.store,
         store_message::keep_session{*key_, port_->info().socket_id});
  return for_requests<client_request>([this]<class... T>(
                                        std::type_identity<T>...) {
    return behavior_type{
      accepts<T>()...,
      on([this](const session_message::client_gone& x) { on_client_gone(x); }),
      on([this](session_message::client_back& x) { on_client_back(x); }),
      on([this](const session_message::end_session&) { end(); }),
      on([this](const wake_up&) { on_wake_up(); }),
      // what rooms say
      on([this](const session_message::entered_room& x) {
        rooms_[x.room] = place{x.actor, x.user};
        watch(x.actor);
        if (wait_until_)
          send(x.actor, room_message::presence_change{id_, false});
      }),
      on([this](const session_message::left_room& x) { on_left_room(x); }),
      on([this](const session_message::settled&) { on_settled(); }),
      on([this](const get_snapshot&) -> actor_snapshot {
        auto info = port_->info();
        session_snapshot result{id_,           info.socket_id,
                                info.address,  info.transport,
                                connected_at_, {},
                                requests_,     refused_};
        for (auto& [room, place] : rooms_)
          result.rooms.push_back(room);
        return result;
      }),
    };
  });
}

void session::on_exit() {
  // Perhaps because the last one who knew it is gone: nobody may hold what is
  // being destroyed as the sender, and the loop it ran on last may be over.
  caf::anon_send(services_.hub, hub_message::detach_client{id_});
  rooms_.clear();
  stash_.clear();
  port_.reset();
  services_.registry = nullptr;
  services_.hub = nullptr;
  services_.store = nullptr;
  services_.passwords.keeper = nullptr;
  inspectable::on_exit();
}

// -- requests -----------------------------------------------------------------

template <class T>
void session::submit(const request_tag& tag, T& request) {
  ++requests_;
  if (busy_)
    stash_.emplace_back(tag, std::move(request));
  else
    dispatch(tag, request);
}

template <class T>
void session::dispatch(const request_tag& tag, T& request) {
  if (!within_rate<T>()) {
    ++services_.met.message_rate;
    refuse(make_token(tag, false), errc::rate_limited,
           "too many messages in too short a time");
    return;
  }
  if constexpr (password_giving<T>)
    if (request.password && !request.password->empty())
      return hash_first(tag, request);
  hand_on(tag, request);
}

/// The session is busy meanwhile, so that what follows stays behind.
template <class T>
void session::hash_first(const request_tag& tag, T& request) {
  auto place
    = services_.passwords.line.enter(network_of(port_->info().address));
  if (!place) {
    ++services_.met.password_line;
    return refuse(make_token(tag, false), errc::unavailable,
                  "too many passwords wait to be hashed");
  }
  busy_ = true;
  password_message::hash_password order{*request.password, std::move(place)};
  this->request(services_.passwords.keeper, caf::infinite, std::move(order))
    .then(
      [this, tag, asked = std::move(request)](password_hash& hash) mutable {
        busy_ = false;
        asked.hash = std::move(hash);
        hand_on(tag, asked);
        take_stashed();
      },
      [this, tag](const caf::error&) {
        busy_ = false;
        refuse(make_token(tag, false), errc::unavailable,
               "the password could not be hashed");
        take_stashed();
      });
}

template <class T>
void session::hand_on(const request_tag& tag, T& request) {
  if constexpr (request_in<T, member_request>)
    forward(tag, request);
  else
    enter(tag, request);
}

template <class T>
bool session::within_rate() {
  constexpr auto counts
    = std::is_same_v<T, message_request> || std::is_same_v<T, activity_request>;
  return !counts || !services_.limits.rate_limits
         || bucket_.take(services_.limits.messages, clock_.steady_now());
}

void session::refuse(const reply_token& token, errc code, std::string message) {
  refuse(token, {code, std::move(message)});
}

void session::refuse(const reply_token& token, failure why) {
  ++refused_;
  token->answer(std::move(why));
}

reply_token session::make_token(const request_tag& tag, bool wait) {
  busy_ = busy_ || wait;
  return std::make_shared<pending_reply>(
    services_.hub, id_, tag, wait ? session_actor{this} : session_actor{});
}

client_ref session::self_ref() {
  return {id_, session_actor{this}, services_.hub, key_,
          network_of(port_->info().address)};
}

// -- entering -----------------------------------------------------------------

bool session::is_full() const {
  return rooms_.size() >= services_.limits.rooms_per_socket;
}

bool session::may_enter(const reply_token& token, std::optional<room_id> room) {
  if (room && rooms_.contains(*room)) {
    refuse(token, errc::already_in_room, "this socket is in the room already");
    return false;
  }
  if (is_full()) {
    ++services_.met.rooms_per_socket;
    refuse(token, too_many_rooms());
    return false;
  }
  return true;
}

void session::enter(const request_tag& tag, host_request& request) {
  auto token = make_token(tag, true);
  // Whether it is a retry, which needs no room more, only the registry knows.
  if (request.client_id || may_enter(token, std::nullopt))
    send(services_.registry, registry_message::open_room{!is_full()},
         self_ref(), std::move(request), std::move(token));
}

template <request_in<entry_request> T>
void session::enter(const request_tag& tag, T& request) {
  auto token = make_token(tag, true);
  if (may_enter(token, request.room))
    send(services_.registry, self_ref(), std::move(request), std::move(token));
}

// -- requests of a member -----------------------------------------------------

template <request_in<member_request> T>
void session::forward(const request_tag& tag, T& request) {
  auto token = make_token(tag, room_changing<T>);
  if (!request.room) {
    if (rooms_.empty())
      return refuse(token, errc::not_in_room, "this socket is in no room");
    if (rooms_.size() > 1)
      return refuse(token, errc::bad_request,
                    "room_id: this socket is in several rooms, name one");
    request.room = rooms_.begin()->first;
  }
  auto i = rooms_.find(*request.room);
  if (i != rooms_.end())
    send(i->second.actor, id_, std::move(request), std::move(token));
  else
    send(services_.registry, registry_message::find_room{*request.room},
         std::move(token));
}

// -- what rooms and the gateway say -------------------------------------------

void session::on_settled() {
  busy_ = false;
  take_stashed();
}

void session::take_stashed() {
  while (!busy_ && !stash_.empty()) {
    auto [tag, request] = std::move(stash_.front());
    stash_.pop_front();
    std::visit([&](auto& x) { dispatch(tag, x); }, request);
  }
  if (!busy_ && leaving_)
    leave_all_and_quit();
}

void session::on_left_room(const session_message::left_room& x) {
  auto i = rooms_.find(x.room);
  if (i == rooms_.end())
    return;
  unwatch(i->second.actor);
  rooms_.erase(i);
  // The client does not know, and would take itself for a member: it has to
  // begin anew.
  if (x.expired)
    end();
}

void session::on_client_gone(const session_message::client_gone& x) {
  if (x.epoch != epoch_)
    return; // there is another connection since
  if (!x.clean && services_.limits.recovery_window) {
    send(services_.hub, hub_message::suspend_client{id_, port_});
    wait_until_ = clock_.steady_now() + *services_.limits.recovery_window;
    clock_.wake_at(*wait_until_, address());
    tell_presence(false);
    return;
  }
  if (!x.clean) {
    end();
    return;
  }
  forget();
  leaving_ = true;
  if (!busy_)
    leave_all_and_quit();
}

/// Nobody can come back for this session any more, not even after a restart.
void session::forget() {
  if (key_)
    send(services_.store, store_message::forget_session{*key_});
}

/// The rooms watch this actor: its end is all that they need to know.
void session::end() {
  forget();
  quit();
}

void session::on_client_back(session_message::client_back& x) {
  port_ = std::move(x.port);
  epoch_ = x.epoch;
  if (wait_until_)
    tell_presence(true);
  wait_until_.reset();
}

void session::on_wake_up() {
  if (!wait_until_ || clock_.steady_now() < *wait_until_)
    return; // the client has come back since
  end();
}

void session::tell_presence(bool online) {
  for (auto& [room, place] : rooms_)
    send(place.actor, room_message::presence_change{id_, online});
}

void session::leave_all_and_quit() {
  for (auto& [room, place] : rooms_)
    send(place.actor, room_message::goodbye{id_});
  quit();
}

/// A room that ended as planned said `left_room` before; this one failed.
void session::on_down(const caf::down_msg& down) {
  watched_is_down(down.source.id());
  for (auto i = rooms_.begin(); i != rooms_.end(); ++i) {
    if (i->second.actor.address() != down.source)
      continue;
    client_event::room_closed event{i->first, close_reason::failed};
    send(services_.hub,
         hub_message::unicast{id_, services_.encoder.encode(event)});
    send(services_.hub, hub_message::dismiss{i->first, id_});
    rooms_.erase(i);
    return;
  }
}

} // namespace observer
