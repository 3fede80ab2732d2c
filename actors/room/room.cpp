#include "actors/room/room.hpp"

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

/// How long before the loss of its connection a client may have sent what it
/// sends again: with default heartbeats it goes unnoticed for 45 s.
constexpr auto unnoticed = std::chrono::seconds{60};

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
      if (is_awake())
        enter(client, request, token);
      else
        when_awake([=, this, request = std::move(request)]() mutable {
          enter(client, request, token);
        });
    });
}

template <class T>
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

void room::refuse_stranger(const reply_token& token) {
  if (!state_.exists() || state_.closed)
    refuse(token, {errc::room_not_found, "the room has closed"});
  else
    refuse(token, {errc::not_in_room, "this socket is not in the room"});
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
    on([this](const find_room&, const reply_token& token) {
      if (is_awake())
        refuse_stranger(token);
      else
        when_awake([=, this] { refuse_stranger(token); });
    }),
    on([this](const presence_change& x) { on_presence_change(x); }),
    on([this](const goodbye& x) { on_goodbye(x.session); }),
    on([this](const client_ref& client, const resume_request& x) {
      return resume(client, x);
    }),
    // the store and time
    on([this](room_loaded& x) { on_loaded(x); }),
    on([this](const wake_up&) { on_wake_up(); }),
    // REST and those who look in
    on([this](const describe_room&) {
      return ask<room_data_ptr>([this] { return describe(); });
    }),
    on([this](const list_users& query) {
      return ask<std::vector<user_row>>([this, after = query.after] {
        std::vector<user_row> result;
        for (auto& [id, member] : state_.members)
          if (!after || id > *after)
            result.push_back({member.user, id_});
        return result;
      });
    }),
    on([this](const get_snapshot&) -> caf::result<actor_snapshot> {
      if (is_awake())
        return snapshot();
      auto promise = make_response_promise<actor_snapshot>();
      stash([this, promise](bool) mutable { promise.deliver(snapshot()); });
      return promise;
    }),
  };
}

/// Null if there is no such room.
room_data_ptr room::describe() const {
  if (!state_.exists() || state_.closed)
    return nullptr;
  return std::make_shared<room_data>(domain::describe(state_));
}

/// What the actor has in mind: `waiting` says how far the store is behind.
actor_snapshot room::snapshot() const {
  return room_snapshot{describe(), roster_.size(), waiting_.size(), messages_,
                       activities_};
}

void room::on_exit() {
  waiting_.clear();
  stash_.clear();
  roster_.clear();
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
                        services_.limits.room_capacity, now());
  auto& events = std::get<room_events>(decided);
  note_seat(events, client, place.user);
  admit(client, place.user, std::move(events),
        commit{{}, token, entered{id_, place.user, std::move(secret), {}}});
}

void room::enter(const client_ref& client, join_request& request,
                 const reply_token& token) {
  if (roster_.find(client.session) != nullptr)
    return refuse_again(token);
  see_off();
  std::string secret;
  auto place = fresh_place(secret);
  auto decided = decide(state_, request, place, services_.limits.room_capacity,
                        now());
  if (auto* no = std::get_if<failure>(&decided)) {
    if (no->code == errc::room_full)
      ++services_.met.room_capacity;
    return refuse(token, std::move(*no));
  }
  auto& events = std::get<room_events>(decided);
  note_seat(events, client, place.user);
  std::optional<page_query> query;
  if (request.history)
    query
      = page_query{id_, {}, {}, *request.history, place.user, state_.last_seq};
  admit(client, place.user, std::move(events),
        commit{{}, token, entered{id_, place.user, std::move(secret), {}}},
        query);
}

void room::enter(const client_ref& client, rejoin_request& request,
                 const reply_token& token) {
  if (roster_.find(client.session) != nullptr)
    return refuse_again(token);
  see_off();
  auto found = find_place(state_, request);
  if (auto* no = std::get_if<failure>(&found))
    return refuse(token, std::move(*no));
  auto user = std::get<user_id>(found);
  room_events events;
  note_seat(events, client, user);
  std::optional<page_query> query;
  if (request.after)
    query = page_query{id_,  request.after,  {}, services_.limits.page_length,
                       user, state_.last_seq};
  admit(client, user, std::move(events),
        commit{{}, token, entered{id_, user, {}, {}}}, query);
}

void room::refuse_again(const reply_token& token) {
  refuse(token, {errc::already_in_room, "this socket is in the room already"});
}

/// The one way in. If somebody has the user's seat, it moves to the client, and
/// the other one hears why it is out.
void room::admit(const client_ref& client, user_id user, room_events events,
                 commit work, std::optional<page_query> query) {
  auto returns = state_.find(user) != nullptr;
  for (auto& event : events)
    apply(event, work);
  if (const auto* replaced = roster_.find(user))
    work.effects.push_back(
      tell{replaced->client, client_event::kicked{id_, "replaced"}, decided_});
  if (returns)
    apply(room_event::connection_found{user}, work);
  work.effects.push_back(moved{roster_.enter(user, client), client});
  watch(client.actor);
  work.effects.push_back(
    tell{client, client_event::room_data{describe()}, decided_});
  record(std::move(events), std::move(work), query);
}

/// With recovery: for whom the place is, should the server end meanwhile.
void room::note_seat(room_events& events, const client_ref& client,
                     user_id user) {
  if (client.key)
    events.push_back(room_event::seated{user, *client.key});
}

// -- coming back after a restart ----------------------------------------------

caf::result<bool> room::resume(const client_ref& client,
                               const resume_request& x) {
  auto promise = make_response_promise<bool>();
  if (is_awake())
    take_back_place(client, x, promise);
  else
    stash([=, this](bool awake) mutable {
      if (awake)
        take_back_place(client, x, promise);
      else
        promise.deliver(false);
    });
  return promise;
}

/// The store is asked for what was missed, and everything that is decided
/// meanwhile waits behind it.
void room::take_back_place(const client_ref& client, const resume_request& x,
                           caf::typed_response_promise<bool> promise) {
  see_off();
  auto after = x.heard.value_or(x.since);
  // Somebody else may have the place by now; and a client that heard more than
  // is stored would not hear what takes the place of that.
  if (state_.find(x.user) == nullptr || roster_.find(x.user) != nullptr
      || after > decided_) {
    promise.deliver(false);
    return;
  }
  commit work;
  work.returning = std::make_unique<homecoming>(
    homecoming{client, x.user, after, x.heard.has_value(), promise});
  admit(client, x.user, {}, std::move(work));
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

/// The user is a member no more.
void room::vacate(user_id user, commit& work) {
  work.effects.push_back(moved{roster_.leave(user), {}});
  note_idle();
}

void room::note_idle() {
  if (roster_.empty())
    idle_since_ = clock_.steady_now();
}

// -- what members ask for -----------------------------------------------------

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
  auto at = now();
  if (request.client_id
      && !make_room_for_name(state_, by,
                             at - services_.limits.grace - unnoticed,
                             services_.limits.client_ids)) {
    ++services_.met.client_ids;
    return refuse(token, {errc::rate_limited,
                          "client_id: too many within the grace time"});
  }
  execute(decide(state_, by, request, at), token,
          posted{id_, state_.last_seq + 1, at});
}

void room::serve(user_id by, activity_request& request,
                 const reply_token& token) {
  if (auto no = refuse_activity(state_, by))
    return refuse(token, std::move(*no));
  ++activities_;
  commit work{{}, token, success{}};
  client_event::activity event{id_, author{by, state_.find(by)->user.name},
                               std::move(request.kind), std::move(request.data),
                               now()};
  work.effects.push_back(say{std::move(event), urgency::droppable,
                             roster_.find(by)->client.session});
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
void room::apply(const room_event::any& event, commit& work) {
  domain::apply(state_, event);
  if (room_event::is_durable(event))
    ++decided_;
  auto first = work.effects.size();
  struct visitor {
    room& self;
    commit& work;
    std::vector<effect>& effects = work.effects;

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
        if (const auto* kicked = self.roster_.find(x.user.id))
          effects.push_back(
            tell{kicked->client, client_event::kicked{self.id_, x.note}});
      self.vacate(x.user.id, work);
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
      effects.push_back(say{client_event::room_data{self.describe()}});
    }

    void operator()(const room_event::closed& x) const {
      effects.push_back(say{client_event::room_closed{self.id_, x.reason}});
      for (auto user : self.roster_.members())
        self.vacate(user, work);
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
      const auto* there = self.roster_.find(about);
      effects.push_back(
        say{client_event::user_status{self.id_, find(about)}, urgency::keep,
            there != nullptr ? there->client.session : session_id{}});
    }

    void operator()(const room_event::restored&) const {
      // No news to anybody.
    }

    void tell_user(user_id user, const client_event::any& event) const {
      if (const auto* there = self.roster_.find(user))
        effects.push_back(tell{there->client, event});
    }
  };
  std::visit(visitor{*this, work}, event);
  for (auto i = first; i < work.effects.size(); ++i) {
    if (auto* all = std::get_if<say>(&work.effects[i]))
      all->rev = decided_;
    else if (auto* one = std::get_if<tell>(&work.effects[i]))
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
  auto asks = !events.empty() || work.queried || past;
  if (asks)
    send(services_.store, append{id_, std::move(events), std::move(query),
                                 room_actor{this}, past});
  if (asks || !waiting_.empty())
    waiting_.hold(std::move(work), asks);
  else
    release(work);
  if (roster_.empty())
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
  if (!is_awake())
    return; // it was refused before, and nobody waits any more
  if (!x.ok) {
    expire_after_ = clock_.steady_now() + store_pause;
    take_back_what_waits();
    load();
    return;
  }
  waiting_.stored([&](commit& work) {
    if (work.queried)
      add_page(work.result, std::move(x.page));
    auto told = work.returning && retell(work, x.past);
    release(work);
    if (work.returning) // now that all of it is on its way
      work.returning->promise.deliver(told);
  });
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

void room::perform(moved& x) {
  untold_.erase(x.what.user);
  if (auto out = roster_.settle(x.what)) {
    listening_.remove(out->client.hub);
    if (!out->ended) { // else the hub forgot it by itself
      unwatch(out->client.actor);
      send(out->client.hub, dismiss{id_, out->client.session});
      send(out->client.actor, left_room{id_});
    }
  }
  if (x.what.to == session_id{})
    return;
  listening_.add(x.in.hub);
  send(x.in.hub, observer::admit{id_, x.in.session});
  send(x.in.actor, entered_room{id_, x.what.user, room_actor{this}});
}

void room::perform(one_less& x) {
  listening_.remove(x.hub);
}

void room::perform(shown& x) {
  x.answer(true);
}

template <class Effect>
void room::perform(Effect&) {
  // It matters only if it is taken back.
}

void room::perform(end&) {
  phase_ = phase::over;
  send(services_.registry, room_ended{id_});
  send(services_.store, room_ended{id_});
  wake_.reset();
  wake_at(clock_.steady_now() + linger);
}

// -- coming and going of the state --------------------------------------------

template <class Result, class F>
caf::result<Result> room::ask(F look) {
  if (is_awake() && waiting_.empty())
    return look();
  auto promise = make_response_promise<Result>();
  deliver(promise, look);
  return promise;
}

/// What is seen now is told once it is stored. If it never is, what is there
/// then is looked at first, before anything else is decided.
template <class Result, class F>
void room::deliver(caf::typed_response_promise<Result> promise, F look) {
  auto later = [this, promise, look](bool awake) mutable {
    if (awake)
      deliver(promise, look);
    else
      promise.deliver(caf::make_error(caf::sec::runtime_error));
  };
  if (!is_awake())
    return stash(std::move(later));
  if (waiting_.empty()) {
    promise.deliver(look());
    return;
  }
  commit work;
  work.effects.push_back(
    shown{[this, promise, later, seen = look()](bool stored) mutable {
      if (stored)
        promise.deliver(std::move(seen));
      else
        stash_.insert(stash_.begin(), std::move(later));
    }});
  record({}, std::move(work));
}

/// If the room cannot be loaded, whoever waits is told `unavailable` by its
/// token.
template <class F>
void room::when_awake(F work) {
  stash([work = std::move(work)](bool awake) mutable {
    if (awake)
      work();
  });
}

void room::stash(std::function<void(bool)> work) {
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
    phase_ = phase::dormant;
    for (auto& work : waiting)
      work(false);
    wake_at(clock_.steady_now() + store_pause);
    return;
  }
  state_ = {};
  for (auto& event : x.events)
    domain::apply(state_, event);
  unsaved_ = x.events.size();
  decided_ = x.last;
  phase_ = phase::live;
  for (auto& [user, member] : state_.members) {
    roster_.note_away(user, started_);
    if (auto since = roster_.away_since(user))
      domain::apply(state_, room_event::connection_lost{user, *since});
  }
  idle_since_ = clock_.steady_now();
  if (state_.exists() && !state_.closed) {
    catch_up_on_presence();
  } else {
    state_.closed = true;
    end over;
    perform(over);
  }
  for (auto& work : waiting)
    work(true);
  schedule_wake();
}

/// Undoes what was decided on events that the store did not keep. Nobody has
/// heard of it.
void room::take_back_what_waits() {
  waiting_.refused([this](commit& work) { take_back(work); });
  listening_.clear();
  for (auto& [session, seat] : roster_.seats())
    listening_.add(seat.client.hub);
}

/// Who waits for the answer is told `unavailable` by its token.
void room::take_back(commit& work) {
  for (auto i = work.effects.rbegin(); i != work.effects.rend(); ++i)
    std::visit([this](auto& x) { take_back(x); }, *i);
  if (work.returning)
    work.returning->promise.deliver(false);
}

void room::take_back(moved& x) {
  if (auto never = roster_.undo(x.what))
    unwatch(never->client.actor);
}

void room::take_back(presence_of& x) {
  untold_.insert(x.user);
}

void room::take_back(farewell& x) {
  parting_.insert(x.user);
}

void room::take_back(shown& x) {
  x.answer(false);
}

template <class Effect>
void room::take_back(Effect&) {
  // Nobody has heard of it.
}

/// What happened to connections while nobody could be told.
void room::catch_up_on_presence() {
  for (auto user : std::exchange(untold_, {}))
    if (const auto* member = state_.find(user)) {
      const auto* seat = roster_.find(user);
      say news{client_event::user_status{id_, member->user}, urgency::keep,
               seat != nullptr ? seat->client.session : session_id{}, decided_};
      perform(news);
    }
}

/// Without anyone online, all that a room needs to know is in the store, but
/// for who is where.
void room::fall_asleep() {
  state_ = {};
  phase_ = phase::dormant;
}

// -- time and failure ---------------------------------------------------------

void room::on_session_down(const caf::down_msg& down) {
  auto now = clock_.steady_now();
  auto seat = roster_.end(down.source.id(), now);
  if (!seat)
    return;
  if (seat->given_up) { // it is let out in its turn
    untold_.insert(seat->user);
    return;
  }
  note_idle();
  one_less gone{seat->client.hub};
  if (phase_ != phase::live)
    perform(gone);
  commit work;
  work.effects.emplace_back(std::move(gone));
  if (!seat->lost)
    change_presence(seat->user, now, std::move(work));
  else if (phase_ == phase::live) // known since its connection was lost
    record({}, std::move(work));
}

/// The session lives on without its connection, or has another one now.
void room::on_presence_change(const presence_change& x) {
  auto* seat = roster_.find(x.session);
  if (seat == nullptr || seat->lost.has_value() != x.online)
    return;
  seat->lost = x.online ? std::nullopt : std::optional{clock_.steady_now()};
  if (seat->given_up)
    untold_.insert(seat->user);
  else
    change_presence(seat->user, seat->lost, {});
}

void room::change_presence(user_id user, std::optional<monotonic> lost,
                           commit work) {
  if (phase_ != phase::live) {
    untold_.insert(user);
    return;
  }
  work.effects.emplace_back(presence_of{user});
  if (lost)
    apply(room_event::connection_lost{user, *lost}, work);
  else
    apply(room_event::connection_found{user}, work);
  record({}, std::move(work));
  schedule_wake();
}

/// A word that nobody can take back: its session ends with it.
void room::on_goodbye(session_id session) {
  const auto* seat = roster_.find(session);
  if (seat == nullptr)
    return;
  parting_.insert(seat->user);
  if (phase_ == phase::live)
    see_off();
  else if (!is_awake())
    when_awake([this] { see_off(); });
}

/// Those who said goodbye leave; again, if the store could not keep it.
void room::see_off() {
  if (parting_.empty())
    return;
  for (auto user : std::exchange(parting_, {})) {
    if (state_.find(user) == nullptr)
      continue;
    auto decided = decide(state_, user, leave_request{});
    auto& events = std::get<room_events>(decided);
    commit work;
    work.effects.emplace_back(farewell{user});
    for (auto& event : events)
      apply(event, work);
    record(std::move(events), std::move(work));
  }
}

void room::on_wake_up() {
  if (!wake_ || clock_.steady_now() < *wake_)
    return; // an earlier plan
  wake_.reset();
  if (phase_ == phase::over)
    quit();
  else if (phase_ == phase::live)
    expire();
  else
    when_awake([this] { expire(); });
}

void room::expire() {
  see_off();
  auto now = clock_.steady_now();
  for (;;) {
    auto events = expire_one(state_, now, services_.limits.grace);
    if (events.empty())
      break;
    commit work;
    for (auto& event : events)
      apply(event, work);
    record(std::move(events), std::move(work));
  }
  schedule_wake();
  if (roster_.empty() && waiting_.empty() && parting_.empty() && !state_.closed
      && now >= idle_since_ + sleep_after)
    fall_asleep();
}

/// One timer for what comes next: the end of somebody's grace time, another try
/// to let somebody go, or the end of the time without anyone online after which
/// the state is let go.
void room::schedule_wake() {
  if (state_.closed)
    return;
  auto now = clock_.steady_now();
  auto due = next_expiry(state_, services_.limits.grace);
  if (!parting_.empty())
    due = due ? std::min(*due, now) : now;
  if (due)
    due = std::max(*due, expire_after_);
  if (auto sleep = idle_since_ + sleep_after; roster_.empty() && sleep > now)
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

/// Civil time as the room shows it: it never runs backwards, whatever the
/// system's clock does, and however often the server ends meanwhile.
timestamp room::now() {
  return latest_ = std::max({latest_, state_.newest, clock_.now()});
}

} // namespace observer
