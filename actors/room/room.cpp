#include "actors/domain/secret.hpp"
#include "actors/room/asking.hpp"
#include "actors/store/backend/page.hpp"
#include "messages/registry.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace observer {

namespace {

/// How long before the loss of its connection a client may have sent what it
/// sends again: with default heartbeats it goes unnoticed for 45 s.
constexpr auto unnoticed = std::chrono::seconds{60};

} // namespace

room::room(caf::actor_config& config, const runtime::placement& where,
           const room_services& services, room_id id, origin from)
  : inspectable(config, where, kind, "room " + to_string(id)),
    services_(services),
    clock_(where.clock),
    id_(id),
    phase_(from == origin::fresh ? phase::live : phase::dormant),
    life_(std::random_device{}()) {
  set_down_handler([this](caf::down_msg& x) {
    watched_is_down(x.source.id());
    on_session_down(x);
  });
}

template <class T>
auto room::admits() {
  return on(
    [this](const client_ref& client, T& request, const reply_token& token) {
      if (is_awake())
        enter(client, request, token);
      else
        when_awake([=, this, request = std::move(request)]() mutable {
          enter(client, request, token);
        });
    });
}

template <request_in<member_request> T>
auto room::serves() {
  return on([this](session_id session, T& request, const reply_token& token) {
    if (is_awake())
      serve_member(session, request, token);
    else
      when_awake([=, this, request = std::move(request)]() mutable {
        serve_member(session, request, token);
      });
  });
}

template <class T>
void room::serve_member(session_id session, T& request,
                        const reply_token& token) {
  const auto* seat = roster_.find(session);
  if (seat != nullptr && !seat->given_up)
    serve(seat->user, request, token);
  else
    refuse_stranger(token);
}

room::behavior_type room::make_behavior() {
  started_ = clock_.steady_now();
  if (phase_ == phase::dormant) // whoever is not back by then has left
    wake_at(started_ + services_.limits.grace);
  return for_requests<member_request>([this]<class... Asked>(
                                        std::type_identity<Asked>...) {
    return for_requests<entry_request>([this]<class... Entry>(
                                         std::type_identity<Entry>...) {
      return behavior_type{
        // the most frequent first, as they are looked for
        on([this](room_message::appended& x) { on_appended(x); }),
        serves<Asked>()...,
        admits<Entry>()...,
        admits<host_request>(),
        admits<room_message::host_retry>(),
        on(
          [this](const registry_message::find_room&, const reply_token& token) {
            if (is_awake())
              refuse_stranger(token);
            else
              when_awake([=, this] { refuse_stranger(token); });
          }),
        on([this](const room_message::presence_change& x) {
          on_presence_change(x);
        }),
        on([this](const room_message::goodbye& x) { on_goodbye(x.session); }),
        on([this](const client_ref& client,
                  const room_message::resume_request& x) {
          return resume(client, x);
        }),
        // the store and time
        on([this](room_message::room_loaded& x) { on_loaded(x); }),
        on([this](const wake_up&) { on_wake_up(); }),
        // REST and those who look in
        on([this](const room_message::describe_room&) {
          return ask<room_data_ptr>([this] { return describe(); });
        }),
        on([this](const reading_request& x) { return find_reader(x); }),
        on([this](const get_snapshot&) -> caf::result<actor_snapshot> {
          if (is_awake())
            return snapshot();
          auto promise = make_response_promise<actor_snapshot>();
          stash([this, promise](bool) mutable { promise.deliver(snapshot()); });
          return promise;
        }),
      };
    });
  });
}

void room::on_exit() {
  waiting_.clear();
  stash_.clear();
  roster_.clear();
  listening_.clear();
  services_.store = nullptr;
  services_.registry = nullptr;
  services_.passwords.keeper = nullptr;
  entrants_.clear();
  inspectable::on_exit();
}

// -- what members ask for -----------------------------------------------------

template <request_in<member_request> T>
void room::serve(user_id by, T& request, const reply_token& token) {
  execute(decide(state_, by, request), token);
}

void room::serve(user_id by, message_request& request,
                 const reply_token& token) {
  if (const auto* earlier = find_named(state_, by, request)) {
    // A retry: the first one's answer again, once that one is stored.
    record({}, commit{{}, token, posted{id_, earlier->seq, earlier->sent_at}});
    return;
  }
  auto at = now();
  if (request.client_id
      && !make_room_for_name(state_, by,
                             at - services_.limits.grace - unnoticed,
                             services_.limits.client_ids)) {
    ++services_.met.client_ids;
    return refuse(token, {errc::rate_limited,
                          "client_id: too many within the grace time"});
  }
  auto decided = decide(state_, by, request, at);
  if (std::holds_alternative<room_events>(decided))
    if (auto no = refuse_bytes(request.text.size(), request.data))
      decided = std::move(*no);
  execute(std::move(decided), token, posted{id_, state_.last_seq + 1, at});
}

void room::serve(user_id by, activity_request& request,
                 const reply_token& token) {
  if (auto no = refuse_activity(state_, by))
    return refuse(token, std::move(*no));
  if (auto no = refuse_bytes(request.kind.size(), request.data))
    return refuse(token, std::move(*no));
  ++activities_;
  commit work{{}, token, success{}};
  client_event::activity event{id_, author{by, state_.find(by)->user.name},
                               std::move(request.kind), std::move(request.data),
                               now()};
  work.effects.push_back(effect::say{std::move(event), urgency::droppable,
                                     roster_.find(by)->client.session});
  record({}, std::move(work));
}

void room::serve(user_id by, history_request& request,
                 const reply_token& token) {
  page_query query{id_, request.after,  request.before, request.limit,
                   by,  state_.last_seq};
  record({}, commit{{}, token, message_page{}}, query);
}

void room::serve(user_id, members_request& request, const reply_token& token) {
  record({},
         commit{{}, token, list_members(state_, request.after, request.limit)});
}

void room::serve(user_id by, configure_request& request,
                 const reply_token& token) {
  auto decided = decide(state_, by, request);
  if (std::holds_alternative<room_events>(decided)
      && services_.limits.rate_limits
      && !changes_.take(services_.limits.room_changes, clock_.steady_now())) {
    ++services_.met.room_changes;
    decided = failure{errc::rate_limited,
                      "the room is changed too often in too short a time"};
  }
  if (request.hash && std::holds_alternative<room_events>(decided))
    password_.learn(*request.hash, *request.password);
  execute(std::move(decided), token);
}

std::optional<failure> room::refuse_bytes(std::size_t text,
                                          const payload_ptr& data) {
  auto& limits = services_.limits;
  if (!limits.rate_limits)
    return std::nullopt;
  auto at = clock_.steady_now();
  if (bytes_.paid_at() > at) {
    ++services_.met.room_bytes;
    return failure{errc::rate_limited,
                   "too much is said in this room in too short a time"};
  }
  // A message may be larger than the burst: what follows pays for it.
  auto bytes = text + (data ? size_of(*data) : 0);
  bytes_.charge(limits.room_bytes, at, static_cast<double>(bytes));
  return std::nullopt;
}

void room::execute(domain::decision decided, const reply_token& token,
                   reply result) {
  if (auto* no = std::get_if<failure>(&decided))
    return refuse(token, std::move(*no));
  auto& events = std::get<room_events>(decided);
  commit work{{}, token, std::move(result)};
  for (auto& event : events)
    apply(event, work);
  record(std::move(events), std::move(work));
}

/// A refusal tells of what it was decided on: it waits until that is stored.
void room::refuse(const reply_token& token, failure why) {
  record({}, commit{{}, token, std::move(why)});
}

void room::refuse_stranger(const reply_token& token) {
  if (!state_.exists() || state_.closed)
    refuse(token, {errc::room_not_found, "the room has closed"});
  else
    refuse(token, {errc::not_in_room, "this socket is not in the room"});
}

// -- those who look in --------------------------------------------------------

/// Null if there is no such room.
room_data_ptr room::describe() const {
  if (!state_.exists() || state_.closed)
    return nullptr;
  return std::make_shared<room_data>(domain::describe(state_));
}

/// For somebody in the room.
room_data_ptr room::describe(std::optional<std::uint32_t> participants) const {
  if (!participants)
    return describe();
  return std::make_shared<room_data>(
    domain::describe_first(state_, *participants));
}

/// What the actor has in mind: `waiting` says how far the store is behind.
actor_snapshot room::snapshot() const {
  return room_snapshot{describe(), roster_.size(), waiting_.size(), messages_,
                       activities_};
}

/// Civil time as the room shows it: it never runs backwards, whatever the
/// system's clock does, and however often the server ends meanwhile.
timestamp room::now() {
  return latest_ = std::max({latest_, state_.newest, clock_.now()});
}

} // namespace observer
