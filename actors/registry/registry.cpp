#include "actors/registry/registry.hpp"

#include "messages/pending_reply.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace observer {

namespace {

/// How long a room, or all rooms of one list, may take to say how they are.
constexpr auto snapshot_timeout = std::chrono::seconds{5};

failure no_such_room() {
  return {errc::room_not_found, "there is no such room"};
}

} // namespace

registry::registry(caf::actor_config& config, const runtime::placement& where,
                   registry_services services)
  : inspectable(config, where, "registry", "registry"),
    services_(std::move(services)),
    clock_(where.clock),
    next_room_(to_number(services_.stored.next_room)),
    next_user_(to_number(services_.stored.next_user)),
    hosts_(services_.limits.remembered_hosts) {
  set_down_handler([this](caf::down_msg& x) { on_down(x); });
}

template <class T>
auto registry::leads() {
  return on(
    [this](const client_ref& client, T& request, const reply_token& token) {
      if (auto room = find(request.room))
        send(room, client, std::move(request), token);
      else
        token->answer(no_such_room());
    });
}

registry::behavior_type registry::make_behavior() {
  for (auto id : services_.stored.open)
    spawn_room(id, room::origin::stored);
  services_.stored.open = {};
  return for_requests<entry_request>([this]<class... Entry>(
                                       std::type_identity<Entry>...) {
    return behavior_type{
      on([this](const get_snapshot&) -> actor_snapshot {
        return registry_snapshot{rooms_.size(), made_, failed_};
      }),
      // sessions
      on([this](const registry_message::open_room& x, const client_ref& client,
                host_request& request,
                const reply_token& token) { host(x, client, request, token); }),
      leads<Entry>()...,
      on([this](const client_ref& client,
                const room_message::resume_request& x) -> caf::result<bool> {
        if (auto room = find(x.room))
          return delegate(room, client, x);
        return false;
      }),
      on(
        [this](const registry_message::find_room& x, const reply_token& token) {
          if (auto room = find(x.room))
            send(room, x, token);
          else
            token->answer(no_such_room());
        }),
      // rooms and time
      on([this](const registry_message::room_ended& x) {
        if (auto i = rooms_.find(x.room); i != rooms_.end()) {
          unwatch(i->second);
          rooms_.erase(i);
        }
      }),
      on([this](const wake_up&) { on_wake_up(); }),
      // REST
      on([this](
           const registry_message::find_room& x) -> caf::result<room_data_ptr> {
        auto room = find(x.room);
        if (!room)
          return room_data_ptr{};
        auto promise = make_response_promise<room_data_ptr>();
        request(room, snapshot_timeout, room_message::describe_room{})
          .then(
            [promise](const room_data_ptr& y) mutable { promise.deliver(y); },
            [promise](const caf::error& y) mutable { promise.deliver(y); });
        return promise;
      }),
      on([this](const registry_message::list_rooms& x)
           -> caf::result<room_page_ptr> {
        auto promise = make_response_promise<room_page_ptr>();
        put_in_line(std::make_unique<room_survey>(
          x.after, x.limit, services_.limits.list_members, x.summary,
          [promise](room_page_ptr page) mutable { promise.deliver(page); }));
        return promise;
      }),
      on([this](const registry_message::list_users& x)
           -> caf::result<user_page_ptr> {
        auto promise = make_response_promise<user_page_ptr>();
        put_in_line(std::make_unique<user_survey>(
          x.after, x.limit,
          [promise](user_page_ptr page) mutable { promise.deliver(page); }));
        return promise;
      }),
      on([this](const reading_request& x) -> caf::result<reading_right> {
        if (auto room = find(x.room))
          return delegate(room, x);
        return reading_right::no_room;
      }),
    };
  });
}

void registry::on_exit() {
  surveys_.clear();
  rooms_.clear();
  services_.store = nullptr;
  services_.passwords.keeper = nullptr;
  inspectable::on_exit();
}

// -- rooms --------------------------------------------------------------------

/// A retry is led to the room that the first one made, if it is still there.
void registry::host(const registry_message::open_room& from,
                    const client_ref& client, host_request& request,
                    const reply_token& token) {
  auto now = clock_.steady_now();
  auto key = retry_key(request, client.session);
  if (key)
    if (auto made = hosts_.find(*key, now))
      if (auto room = find(*made)) {
        send(room, client,
             room_message::host_retry{from.may_enter, request.participants},
             token);
        return;
      }
  if (!from.may_enter) {
    ++services_.met.rooms_per_socket;
    return token->answer(too_many_rooms());
  }
  if (!within_rate(client)) {
    ++services_.met.room_rate;
    return token->answer(
      failure{errc::rate_limited, "too many rooms made from this address"});
  }
  auto room = make_room(client, request, token);
  if (key && !hosts_.remember(*key, room, now + services_.limits.grace))
    ++services_.met.remembered_hosts;
}

room_id registry::make_room(const client_ref& client, host_request& request,
                            const reply_token& token) {
  room_id id{next_room_++};
  ++made_;
  send(spawn_room(id, room::origin::fresh), client, std::move(request), token);
  return id;
}

room_actor registry::spawn_room(room_id id, room::origin from) {
  auto& places = services_.places;
  auto& place = places[static_cast<std::size_t>(to_number(id)) % places.size()];
  auto actor
    = spawn<room>(place,
                  room_services{services_.limits, services_.encoder,
                                services_.store, registry_actor{this},
                                services_.passwords, next_user_, services_.met},
                  id, from);
  watch(actor);
  rooms_.emplace(id, actor);
  return actor;
}

bool registry::within_rate(const client_ref& client) {
  auto& limits = services_.limits;
  return !limits.rate_limits
         || buckets_.take(limits.rooms, client.network, clock_.steady_now());
}

room_actor registry::find(room_id room) const {
  auto i = rooms_.find(room);
  return i != rooms_.end() ? i->second : room_actor{};
}

/// Only a room that failed comes here: others say `room_ended` first.
void registry::on_down(const caf::down_msg& down) {
  watched_is_down(down.source.id());
  auto i = std::find_if(rooms_.begin(), rooms_.end(), [&](auto& x) {
    return x.second.address() == down.source;
  });
  if (i == rooms_.end())
    return;
  spdlog::error("registry.room_failed room={} reason={:?}", to_string(i->first),
                to_string(down.reason));
  rooms_.erase(i);
  ++failed_;
}

// -- lists --------------------------------------------------------------------

void registry::put_in_line(std::unique_ptr<survey> next) {
  surveys_.push_back(std::move(next));
  if (surveys_.size() == 1)
    begin_survey();
}

void registry::begin_survey() {
  survey_due_ = clock_.steady_now() + snapshot_timeout;
  set_alarm();
  continue_survey();
}

/// One is enough for all lists: it looks again when the next is due.
void registry::set_alarm() {
  if (!std::exchange(alarm_set_, true))
    clock_.wake_at(survey_due_, address());
}

/// CAF's own timeouts, and its table of pending requests, cost more the more of
/// them there are: so there is one deadline, and never more than a few
/// requests.
void registry::continue_survey() {
  auto& now = *surveys_.front();
  auto i = now.last_asked() ? rooms_.upper_bound(*now.last_asked())
                            : rooms_.begin();
  for (; i != rooms_.end() && now.wants_room(); ++i) {
    auto question = request(i->second, caf::infinite,
                            room_message::describe_room{});
    question.then(
      [this, id = i->first](const room_data_ptr& x) { hear(id, x); },
      [this, id = i->first](const caf::error&) { hear(id, nullptr); });
    now.asks(i->first, question.id());
  }
  if (!now.is_waiting())
    end_survey(i != rooms_.end());
}

void registry::hear(room_id room, const room_data_ptr& found) {
  surveys_.front()->hears(room, found);
  continue_survey();
}

void registry::end_survey(bool rooms_left) {
  surveys_.front()->finish(rooms_left);
  surveys_.pop_front();
  if (!surveys_.empty())
    begin_survey();
}

/// Those who have not answered in time are left out.
void registry::on_wake_up() {
  alarm_set_ = false;
  if (surveys_.empty())
    return;
  if (clock_.steady_now() < survey_due_)
    return set_alarm();
  auto& late = *surveys_.front();
  for (auto question : late.give_up())
    forget(question);
  end_survey(late.last_asked()
             && rooms_.upper_bound(*late.last_asked()) != rooms_.end());
}

} // namespace observer
