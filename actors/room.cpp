#include "actors/room.hpp"

#include "actors/domain/retell.hpp"
#include "actors/domain/secret.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace observer {

namespace {

/// A room that has ended still answers requests that were on their way.
constexpr auto linger = std::chrono::seconds{1};

/// How long a room without anyone online keeps its state in memory.
constexpr auto sleep_after = std::chrono::seconds{30};

/// How long a room waits until it asks again, by itself, a store that could not
/// load it, or that refused what nobody but the room wanted to keep.
constexpr auto store_pause = std::chrono::seconds{1};

/// Events after which a restore point keeps loading short. Where the state is
/// larger than that, as many events as it is large: so the cost of restore
/// points stays in proportion to that of events.
constexpr std::size_t restore_interval = 256;

} // namespace

room::room(caf::actor_config& config, const runtime::placement& where,
           const room_services& services, room_id id, origin from)
  : inspectable(config, where, "room", "room " + to_string(id)),
    services_(services),
    clock_(where.clock),
    id_(id),
    phase_(from == origin::fresh ? phase::live : phase::dormant),
    life_(std::random_device{}()),
    unsaved_limit_(restore_interval) {
  set_down_handler([this](caf::down_msg& x) {
    watched_is_down(x.source.id());
    on_session_down(x);
  });
}

template <class T>
auto room::admits() {
  return on(
    [this](const client_ref& client, T& request, const reply_token& token) {
      if (phase_ == phase::live)
        enter(client, request, token);
      else
        stash([=, this, request = std::move(request)]() mutable {
          enter(client, request, token);
        });
    });
}

template <class T>
auto room::serves() {
  return on([this](session_id session, T& request, const reply_token& token) {
    if (phase_ == phase::live)
      serve_member(session, request, token);
    else
      stash([=, this, request = std::move(request)]() mutable {
        serve_member(session, request, token);
      });
  });
}

template <class T>
void room::serve_member(session_id session, T& request,
                        const reply_token& token) {
  if (const auto* member = connected_.find(session))
    serve(member->user, request, token);
  else if (state_.closed)
    token->answer(failure{errc::room_not_found, "the room has closed"});
  else
    token->answer(failure{errc::not_in_room, "this socket is not in the room"});
}

room::behavior_type room::make_behavior() {
  started_ = clock_.steady_now();
  if (phase_ == phase::dormant) // whoever is not back by then has left
    wake_at(started_ + services_.limits.grace);
  return {
    // what members ask for, the most frequent first, as they are looked for
    serves<message_request>(),
    on([this](appended& x) { on_appended(x); }),
    serves<activity_request>(),
    serves<leave_request>(),
    serves<history_request>(),
    serves<kick_request>(),
    serves<mute_request>(),
    serves<configure_request>(),
    serves<close_request>(),
    // entering
    admits<host_request>(),
    admits<join_request>(),
    admits<rejoin_request>(),
    on([this](const presence_change& x) { on_presence_change(x); }),
    on([this](const client_ref& client, const resume_request& x) {
      return resume(client, x);
    }),
    // the store and time
    on([this](room_loaded& x) { on_loaded(x); }),
    on([this](const wake_up&) { on_wake_up(); }),
    // REST and those who look in
    on([this](const get_snapshot&) {
      return ask_live<actor_snapshot>([this]() -> actor_snapshot {
        room_snapshot result{nullptr, connected_.size(), waiting_.size(),
                             messages_, activities_};
        if (state_.exists() && !state_.closed)
          result.room = std::make_shared<room_data>(describe(state_));
        return result;
      });
    }),
    on([this](const reading_request& x) {
      return ask_live<reading_right>(
        [this, x] { return find_right(state_, x); });
    }),
  };
}

void room::on_exit() {
  waiting_.clear();
  stash_.clear();
  connected_.clear();
  listening_.clear();
  services_.store = nullptr;
  services_.registry = nullptr;
  inspectable::on_exit();
}

// -- entering -----------------------------------------------------------------

domain::fresh_place room::fresh_place(std::string& token) {
  token = domain::fresh_token();
  return {user_id{services_.next_user.fetch_add(1)}, domain::hash_token(token)};
}

void room::enter(const client_ref& client, host_request& request,
                 const reply_token& token) {
  std::string secret;
  auto place = fresh_place(secret);
  std::optional<password_hash> password;
  if (request.password && !request.password->empty())
    password = domain::hash_password(*request.password);
  auto decided = decide(state_, request, id_, place, std::move(password),
                        services_.limits.room_capacity, clock_.now());
  auto& events = std::get<room_events>(decided);
  note_seat(events, client, place.user);
  commit work{{}, token, entered{id_, place.user, std::move(secret), {}}};
  for (auto& event : events)
    apply(event, work.effects);
  connect(client, place.user);
  work.effects.push_back(let_in{client, place.user});
  work.effects.push_back(tell_state(client));
  record(std::move(events), std::move(work));
}

void room::enter(const client_ref& client, join_request& request,
                 const reply_token& token) {
  if (connected_.find(client.session) != nullptr)
    return token->answer(
      failure{errc::already_in_room, "this socket is in the room already"});
  std::string secret;
  auto place = fresh_place(secret);
  auto decided = decide(state_, request, place, services_.limits.room_capacity,
                        clock_.now());
  if (auto* no = std::get_if<failure>(&decided)) {
    if (no->code == errc::room_full)
      ++services_.met.room_capacity;
    return token->answer(std::move(*no));
  }
  auto& events = std::get<room_events>(decided);
  note_seat(events, client, place.user);
  commit work{{}, token, entered{id_, place.user, std::move(secret), {}}};
  for (auto& event : events)
    apply(event, work.effects);
  connect(client, place.user);
  work.effects.push_back(let_in{client, place.user});
  work.effects.push_back(tell_state(client));
  std::optional<page_query> query;
  if (request.history)
    query
      = page_query{id_, {}, {}, *request.history, place.user, state_.last_seq};
  record(std::move(events), std::move(work), query);
}

void room::enter(const client_ref& client, rejoin_request& request,
                 const reply_token& token) {
  if (connected_.find(client.session) != nullptr)
    return token->answer(
      failure{errc::already_in_room, "this socket is in the room already"});
  auto found = find_place(state_, request);
  if (auto* no = std::get_if<failure>(&found))
    return token->answer(std::move(*no));
  auto user = std::get<user_id>(found);
  commit work{{}, token, entered{id_, user, {}, {}}};
  room_events events;
  note_seat(events, client, user);
  for (auto& event : events)
    apply(event, work.effects);
  // The place moves to the new socket; the old one hears why it is out.
  if (const auto* replaced = connected_.find(user)) {
    work.effects.push_back(
      tell{replaced->client, client_event::kicked{id_, "replaced"}, decided_});
    disconnect(user, work.effects);
  }
  apply(room_event::connection_found{user}, work.effects);
  connect(client, user);
  work.effects.push_back(let_in{client, user});
  work.effects.push_back(tell_state(client));
  std::optional<page_query> query;
  if (request.after)
    query = page_query{id_,  request.after,  {}, services_.limits.page_length,
                       user, state_.last_seq};
  record(std::move(events), std::move(work), query);
}

/// With recovery: for whom the place is, should the server end meanwhile.
void room::note_seat(room_events& events, const client_ref& client,
                     user_id user) {
  if (client.key)
    events.push_back(room_event::seated{user, *client.key});
}

room::tell room::tell_state(const client_ref& whom) const {
  return {
    whom,
    client_event::room_data{std::make_shared<room_data>(describe(state_))},
    decided_};
}

// -- coming back after a restart ----------------------------------------------

caf::result<bool> room::resume(const client_ref& client,
                               const resume_request& x) {
  auto promise = make_response_promise<bool>();
  if (phase_ == phase::live)
    take_back_place(client, x, promise);
  else
    stash([=, this] { take_back_place(client, x, promise); });
  return promise;
}

/// The store is asked for what was missed, and everything that is decided
/// meanwhile waits behind it.
void room::take_back_place(const client_ref& client, const resume_request& x,
                           caf::typed_response_promise<bool> promise) {
  auto after = x.heard.value_or(x.since);
  // Somebody else may have the place by now; and a client that heard more than
  // is stored would not hear what takes the place of that.
  if (state_.find(x.user) == nullptr || connected_.find(x.user) != nullptr
      || after > decided_) {
    promise.deliver(false);
    return;
  }
  commit work;
  apply(room_event::connection_found{x.user}, work.effects);
  connect(client, x.user);
  work.effects.push_back(let_in{client, x.user});
  work.effects.push_back(tell_state(client));
  work.returning = std::make_unique<homecoming>(
    homecoming{client, x.user, after, x.heard.has_value(), promise});
  record({}, std::move(work));
}

/// Puts what was missed before the state as it is now. A client that does not
/// know the room yet hears the state first, and then only what was said.
/// False: not all of it is there.
bool room::retell(commit& work, const room_past& past) const {
  auto& back = *work.returning;
  if (!past.events)
    return false;
  auto told = domain::retell(
    *past.events, back.after, id_, back.user, [this](user_id id) {
      const auto* member = state_.find(id);
      return member != nullptr ? &member->user : nullptr;
    });
  if (!told)
    return false;
  std::vector<effect> missed;
  for (auto& [rev, event] : *told)
    if (back.knows_room || std::holds_alternative<client_event::message>(event))
      missed.push_back(tell{back.whom, std::move(event), rev});
  auto where = work.effects.end();
  if (back.knows_room)
    --where;
  else
    std::get<tell>(work.effects.back()).rev = back.after;
  work.effects.insert(where, std::make_move_iterator(missed.begin()),
                      std::make_move_iterator(missed.end()));
  return true;
}

void room::connect(const client_ref& client, user_id user) {
  connected_.add(user, client);
  watch(client.actor);
}

/// Takes the user's connection out of the room, if there is one.
void room::disconnect(user_id user, std::vector<effect>& effects) {
  auto gone = connected_.remove(user);
  if (!gone)
    return;
  unwatch(gone->client.actor);
  effects.push_back(let_out{std::move(gone->client), user});
  if (connected_.empty())
    idle_since_ = clock_.steady_now();
}

// -- what members ask for -----------------------------------------------------

void room::execute(domain::decision decided, const reply_token& token,
                   reply result) {
  if (auto* no = std::get_if<failure>(&decided))
    return token->answer(std::move(*no));
  auto& events = std::get<room_events>(decided);
  commit work{{}, token, std::move(result)};
  for (auto& event : events)
    apply(event, work.effects);
  record(std::move(events), std::move(work));
}

void room::serve(user_id by, leave_request& request, const reply_token& token) {
  execute(decide(state_, by, request), token);
}

void room::serve(user_id by, message_request& request,
                 const reply_token& token) {
  if (const auto* earlier = find_named(state_, by, request)) {
    // A retry: the first one's answer again, once that one is stored.
    record({}, commit{{}, token, posted{id_, earlier->seq, earlier->sent_at}});
    return;
  }
  auto now = clock_.now();
  execute(decide(state_, by, request, now), token,
          posted{id_, state_.last_seq + 1, now});
}

void room::serve(user_id by, activity_request& request,
                 const reply_token& token) {
  if (auto no = refuse_activity(state_, by))
    return token->answer(std::move(*no));
  ++activities_;
  commit work{{}, token, success{}};
  client_event::activity event{id_, author{by, state_.find(by)->user.name},
                               std::move(request.kind), std::move(request.data),
                               clock_.now()};
  work.effects.push_back(say{std::move(event), urgency::droppable,
                             connected_.find(by)->client.session});
  record({}, std::move(work));
}

void room::serve(user_id by, history_request& request,
                 const reply_token& token) {
  page_query query{id_, request.after,  request.before, request.limit,
                   by,  state_.last_seq};
  record({}, commit{{}, token, message_page{}}, query);
}

void room::serve(user_id by, kick_request& request, const reply_token& token) {
  execute(decide(state_, by, request), token);
}

void room::serve(user_id by, mute_request& request, const reply_token& token) {
  execute(decide(state_, by, request), token);
}

void room::serve(user_id by, configure_request& request,
                 const reply_token& token) {
  std::optional<password_hash> password;
  if (request.password && !request.password->empty())
    password = domain::hash_password(*request.password);
  execute(decide(state_, by, request, std::move(password)), token);
}

void room::serve(user_id by, close_request& request, const reply_token& token) {
  execute(decide(state_, by, request), token);
}

// -- from a decision to its effects -------------------------------------------

/// Folds one event into the state, and notes what follows from it outside.
void room::apply(const room_event::any& event, std::vector<effect>& effects) {
  domain::apply(state_, event);
  if (room_event::is_durable(event))
    ++decided_;
  auto first = effects.size();
  struct visitor {
    room& self;
    std::vector<effect>& effects;

    [[nodiscard]] const user& find(user_id id) const {
      return self.state_.find(id)->user;
    }

    void operator()(const room_event::created&) const {
      // Nobody is there yet to be told.
    }

    void operator()(const room_event::joined& x) const {
      effects.push_back(say{client_event::user_joined{self.id_, x.user}});
    }

    void operator()(const room_event::left& x) const {
      if (x.reason == leave_reason::kicked)
        if (const auto* kicked = self.connected_.find(x.user.id))
          effects.push_back(
            tell{kicked->client, client_event::kicked{self.id_, x.note}});
      self.disconnect(x.user.id, effects);
      effects.push_back(
        say{client_event::user_left{self.id_, x.user, x.reason}});
    }

    void operator()(const room_event::banned&) const {
      // The kick that comes with it is what people see.
    }

    void operator()(const room_event::host_passed& x) const {
      effects.push_back(say{client_event::host_changed{self.id_, find(x.to)}});
    }

    void operator()(const room_event::posted& x) const {
      ++self.messages_;
      client_event::message event{x.content};
      if (!x.content->to) {
        effects.push_back(say{std::move(event)});
        return;
      }
      tell_user(x.content->from.id, event);
      if (*x.content->to != x.content->from.id)
        tell_user(*x.content->to, event);
    }

    void operator()(const room_event::muted& x) const {
      effects.push_back(
        say{client_event::user_updated{self.id_, find(x.user), x.muted}});
    }

    void operator()(const room_event::configured&) const {
      effects.push_back(say{client_event::room_data{
        std::make_shared<room_data>(describe(self.state_))}});
    }

    void operator()(const room_event::closed& x) const {
      effects.push_back(say{client_event::room_closed{self.id_, x.reason}});
      while (!self.connected_.empty())
        self.disconnect(self.connected_.entries().begin()->second.user,
                        effects);
      effects.push_back(end{});
    }

    void operator()(const room_event::seated&) const {
      // For the store.
    }

    void operator()(const room_event::connection_lost& x) const {
      tell_others(x.user);
    }

    void operator()(const room_event::connection_found& x) const {
      tell_others(x.user);
    }

    void tell_others(user_id about) const {
      const auto* there = self.connected_.find(about);
      effects.push_back(
        say{client_event::user_status{self.id_, find(about)}, urgency::keep,
            there != nullptr ? there->client.session : session_id{}});
    }

    void operator()(const room_event::restored&) const {
      // No news to anybody.
    }

    void tell_user(user_id user, const client_event::any& event) const {
      if (const auto* there = self.connected_.find(user))
        effects.push_back(tell{there->client, event});
    }
  };
  std::visit(visitor{*this, effects}, event);
  for (auto i = first; i < effects.size(); ++i) {
    if (auto* all = std::get_if<say>(&effects[i]))
      all->rev = decided_;
    else if (auto* one = std::get_if<tell>(&effects[i]))
      one->rev = decided_;
  }
}

/// Hands events to the store, and holds back what follows from them.
void room::record(room_events events, commit work,
                  std::optional<page_query> query) {
  std::erase_if(events,
                [](auto& event) { return !room_event::is_durable(event); });
  unsaved_ += events.size();
  if (!events.empty() && wants_restore_point())
    events.push_back(restore_point(state_));
  work.queried = query.has_value();
  std::optional<past_query> past;
  if (work.returning)
    past = past_query{id_, work.returning->after, decided_,
                      services_.limits.replay_bytes};
  work.stored = !events.empty() || work.queried || past;
  if (work.stored)
    send(services_.store, append{id_, std::move(events), std::move(query),
                                 room_actor{this}, past});
  if (!work.stored && waiting_.empty())
    release(work);
  else
    waiting_.push_back(std::move(work));
  if (connected_.empty())
    schedule_wake();
}

bool room::wants_restore_point() {
  if (unsaved_ < unsaved_limit_ || state_.closed)
    return false;
  unsaved_limit_ = std::max(restore_interval, size_of(state_));
  if (unsaved_ < unsaved_limit_)
    return false;
  unsaved_ = 0;
  return true;
}

void room::on_appended(appended& x) {
  if (phase_ != phase::live)
    return; // it was refused before, and nobody waits any more
  if (!x.ok) {
    expire_after_ = clock_.steady_now() + store_pause;
    take_back_what_waits();
    load();
    return;
  }
  auto work = std::move(waiting_.front());
  waiting_.pop_front();
  if (work.queried)
    add_page(work.result, std::move(x.page));
  auto told = work.returning && retell(work, x.past);
  release(work);
  if (work.returning) // now that all of it is on its way
    work.returning->promise.deliver(told);
  while (!waiting_.empty() && !waiting_.front().stored) {
    auto next = std::move(waiting_.front());
    waiting_.pop_front();
    release(next);
  }
}

/// Without a page the store could not read: who enters is told to ask for it.
void room::add_page(reply& result, std::optional<message_page> page) {
  if (auto* answer = std::get_if<entered>(&result))
    answer->page = page ? std::move(*page) : message_page{{}, true};
  else if (page)
    result = std::move(*page);
  else
    result = failure{errc::unavailable, "the store cannot read now"};
}

void room::release(commit& work) {
  for (auto& x : work.effects)
    std::visit([this](auto& y) { perform(y); }, x);
  if (work.token)
    work.token->answer(std::move(work.result));
}

void room::perform(say& x) {
  if (listening_.parts().empty() || is_for_nobody(x))
    return;
  auto event = services_.encoder.encode(
    x.event, x.how == urgency::keep ? next_event_id(x.rev) : event_id{});
  for (auto& part : listening_.parts())
    send(part.hub, fan_out{id_, event, x.how, x.except});
}

/// Whether something passing is left out for the only one who listens.
bool room::is_for_nobody(const say& x) const {
  return x.how == urgency::droppable && x.except != session_id{}
         && listening_.is_single();
}

void room::perform(tell& x) {
  send(x.whom.hub, unicast{x.whom.session, services_.encoder.encode(
                                             x.event, next_event_id(x.rev))});
}

event_id room::next_event_id(revision rev) {
  if (!services_.limits.recovery_window)
    return {};
  return {id_, rev, life_, ++said_};
}

void room::perform(let_in& x) {
  listening_.add(x.whom.hub);
  send(x.whom.hub, admit{id_, x.whom.session});
  send(x.whom.actor, entered_room{id_, x.user, room_actor{this}});
}

void room::perform(let_out& x) {
  listening_.remove(x.whom.hub);
  if (!x.notify)
    return; // the hub forgot the session when it ended
  send(x.whom.hub, dismiss{id_, x.whom.session});
  send(x.whom.actor, left_room{id_});
}

void room::perform(end&) {
  send(services_.registry, room_ended{id_});
  send(services_.store, room_ended{id_});
  wake_.reset();
  wake_at(clock_.steady_now() + linger);
}

// -- coming and going of the state --------------------------------------------

template <class Result, class F>
caf::result<Result> room::ask_live(F answer) {
  if (phase_ == phase::live)
    return answer();
  auto promise = make_response_promise<Result>();
  stash([promise, answer]() mutable { promise.deliver(answer()); });
  return promise;
}

void room::stash(std::function<void()> work) {
  stash_.push_back(std::move(work));
  if (phase_ == phase::dormant)
    load();
}

void room::load() {
  phase_ = phase::loading;
  send(services_.store, load_room{id_, room_actor{this}});
}

void room::on_loaded(room_loaded& x) {
  auto waiting = std::exchange(stash_, {});
  if (!x.ok) {
    // Those who wait are told `unavailable` by their tokens.
    phase_ = phase::dormant;
    wake_at(clock_.steady_now() + store_pause);
    return;
  }
  state_ = {};
  for (auto& event : x.events)
    domain::apply(state_, event);
  unsaved_ = x.events.size();
  decided_ = x.last;
  phase_ = phase::live;
  std::vector<user_id> offline;
  for (auto& [user, member] : state_.members)
    if (!is_online(user))
      offline.push_back(user);
  for (auto user : offline) {
    auto since = offline_since_.try_emplace(user, started_).first->second;
    domain::apply(state_, room_event::connection_lost{user, since});
  }
  offline_since_.clear();
  idle_since_ = clock_.steady_now();
  if (state_.exists() && !state_.closed) {
    // Members who are here may have missed what could not be kept.
    say truth{
      client_event::room_data{std::make_shared<room_data>(describe(state_))},
      urgency::keep, session_id{}, decided_};
    perform(truth);
  } else {
    state_.closed = true;
    end over;
    perform(over);
  }
  for (auto& work : waiting)
    work();
  schedule_wake();
}

/// Undoes what was decided on events that the store did not keep, newest first.
/// Nobody has heard of it; those who wait are told `unavailable`.
void room::take_back_what_waits() {
  for (auto& [user, member] : state_.members)
    if (member.user.status == presence::offline)
      offline_since_[user] = member.offline_since;
  for (auto i = waiting_.rbegin(); i != waiting_.rend(); ++i) {
    if (i->returning)
      i->returning->promise.deliver(false);
    for (auto j = i->effects.rbegin(); j != i->effects.rend(); ++j) {
      if (auto* in = std::get_if<let_in>(&*j)) {
        std::vector<effect> none;
        disconnect(in->user, none);
      } else if (auto* out = std::get_if<let_out>(&*j)) {
        if (out->notify)
          connect(out->whom, out->user);
        else
          offline_since_.try_emplace(out->user, clock_.steady_now());
      }
    }
  }
  waiting_.clear();
  listening_.clear();
  for (auto& [session, member] : connected_.entries())
    listening_.add(member.client.hub);
}

/// Without anyone online, all that a room needs to know is in the store.
void room::fall_asleep() {
  for (auto& [user, member] : state_.members)
    offline_since_[user] = member.offline_since;
  state_ = {};
  phase_ = phase::dormant;
}

// -- time and failure ---------------------------------------------------------

void room::on_session_down(const caf::down_msg& down) {
  const auto* member = connected_.find_by_actor(down.source.id());
  if (member == nullptr)
    return;
  auto lost = *connected_.remove(member->user);
  let_out out{std::move(lost.client), lost.user, false};
  auto now = clock_.steady_now();
  if (lost.absent) { // known since its connection was lost
    commit work;
    work.effects.push_back(std::move(out));
    if (connected_.empty())
      idle_since_ = now;
    return record({}, std::move(work));
  }
  if (phase_ != phase::live) {
    offline_since_[lost.user] = now;
    perform(out);
    return;
  }
  commit work;
  work.effects.push_back(std::move(out));
  room_events events{room_event::connection_lost{lost.user, now}};
  apply(events.front(), work.effects);
  if (connected_.empty())
    idle_since_ = now;
  record(std::move(events), std::move(work));
  schedule_wake();
}

/// The session lives on without its connection, or has another one now.
void room::on_presence_change(const presence_change& x) {
  auto* member = connected_.find(x.session);
  if (member == nullptr || member->absent == !x.online)
    return;
  member->absent = !x.online;
  auto user = member->user;
  auto now = clock_.steady_now();
  if (phase_ != phase::live) {
    offline_since_[user] = now;
    return; // told with the state, once it is loaded
  }
  room_events events;
  if (x.online)
    events.push_back(room_event::connection_found{user});
  else
    events.push_back(room_event::connection_lost{user, now});
  commit work;
  for (auto& event : events)
    apply(event, work.effects);
  record(std::move(events), std::move(work));
  schedule_wake();
}

bool room::is_online(user_id user) const {
  const auto* member = connected_.find(user);
  return member != nullptr && !member->absent;
}

void room::on_wake_up() {
  if (!wake_ || clock_.steady_now() < *wake_)
    return; // an earlier plan
  wake_.reset();
  if (state_.closed)
    quit();
  else if (phase_ == phase::live)
    expire();
  else
    stash([this] { expire(); });
}

void room::expire() {
  auto now = clock_.steady_now();
  for (;;) {
    auto events = expire_one(state_, now, services_.limits.grace);
    if (events.empty())
      break;
    commit work;
    for (auto& event : events)
      apply(event, work.effects);
    record(std::move(events), std::move(work));
  }
  schedule_wake();
  if (connected_.empty() && waiting_.empty() && !state_.closed
      && now >= idle_since_ + sleep_after)
    fall_asleep();
}

/// One timer for what comes next: the end of somebody's grace time, or of the
/// time without anyone online after which the state is let go.
void room::schedule_wake() {
  if (state_.closed)
    return;
  auto due = next_expiry(state_, services_.limits.grace);
  if (due)
    due = std::max(*due, expire_after_);
  if (auto sleep = idle_since_ + sleep_after;
      connected_.empty() && sleep > clock_.steady_now())
    due = due ? std::min(*due, sleep) : sleep;
  if (due)
    wake_at(*due);
}

void room::wake_at(monotonic when) {
  if (wake_ && *wake_ <= when)
    return;
  wake_ = when;
  clock_.wake_at(when, address());
}

} // namespace observer
