#include "actors/domain/news.hpp"
#include "actors/room/room.hpp"
#include "messages/hub.hpp"
#include "messages/registry.hpp"
#include "messages/session.hpp"
#include "messages/store.hpp"

#include <algorithm>
#include <utility>

namespace observer {

namespace {

/// A room that has ended still answers requests that were on their way.
constexpr auto linger = std::chrono::seconds{1};

/// Events after which a restore point keeps loading short. Where the state is
/// larger than that, as many events as it is large: so the cost of restore
/// points stays in proportion to that of events.
constexpr std::size_t restore_interval = 256;

} // namespace

// -- events -------------------------------------------------------------------

/// Folds one event into the state, and notes what follows from it outside.
void room::apply(const room_event::any& event, commit& work) {
  domain::apply(state_, event);
  if (room_event::is_durable(event))
    ++decided_;
  struct {
    observer::room& self;
    commit& work;
    room_id room;

    [[nodiscard]] const user& find(user_id id) const {
      return self.state_.find(id)->user;
    }

    [[nodiscard]] room_data_ptr describe() const {
      return self.describe();
    }

    void hear(domain::recipients who, client_event::any what) const {
      using which = domain::recipients::which;
      const auto* seat = who.who != which::all ? self.roster_.find(who.whom)
                                               : nullptr;
      if (who.who != which::one)
        work.effects.push_back(
          effect::say{std::move(what), urgency::keep,
                      seat != nullptr ? seat->client.session : session_id{},
                      self.decided_});
      else if (seat != nullptr)
        work.effects.push_back(
          effect::tell{seat->client, std::move(what), self.decided_});
    }
  } listener{*this, work, id_};
  domain::tell_news(event, listener);
  if (std::holds_alternative<room_event::posted>(event)) {
    ++messages_;
  } else if (const auto* left = std::get_if<room_event::left>(&event)) {
    vacate(left->user.id, work, left->reason == leave_reason::timeout);
  } else if (std::holds_alternative<room_event::configured>(event)) {
    roster_.note_shown();
  } else if (std::holds_alternative<room_event::closed>(event)) {
    for (auto user : roster_.members())
      vacate(user, work);
    work.effects.push_back(effect::end{});
  }
}

/// The user is a member no more.
void room::vacate(user_id user, commit& work, bool expired) {
  absent_.remove(user);
  absent_observers_.remove(user);
  work.effects.push_back(effect::moved{roster_.leave(user), {}, expired});
  note_idle();
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
    send(services_.store,
         store_message::append{id_, std::move(events), std::move(query),
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

void room::on_appended(room_message::appended& x) {
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

// -- performing ---------------------------------------------------------------

void room::perform(effect::say& x) {
  if (listening_.parts().empty() || is_for_nobody(x))
    return;
  auto event = services_.encoder.encode(
    x.event, x.how == urgency::keep ? next_event_id(x.rev) : event_id{});
  for (auto& part : listening_.parts())
    send(part.hub, hub_message::fan_out{id_, event, x.how, x.except});
}

/// Whether something passing is left out for the only one who listens.
bool room::is_for_nobody(const effect::say& x) const {
  return x.how == urgency::droppable && x.except != session_id{}
         && listening_.is_single();
}

void room::perform(effect::tell& x) {
  send(x.whom.hub,
       hub_message::unicast{x.whom.session, services_.encoder.encode(
                                              x.event, next_event_id(x.rev))});
}

event_id room::next_event_id(revision rev) {
  if (!services_.limits.recovery_window)
    return {};
  return {id_, rev, life_, ++said_};
}

void room::perform(effect::moved& x) {
  untold_.erase(x.what.user);
  if (auto out = roster_.settle(x.what)) {
    listening_.remove(out->client.hub);
    if (!out->ended) { // else the hub forgot it by itself
      unwatch(out->client.actor);
      send(out->client.hub, hub_message::dismiss{id_, out->client.session});
      send(out->client.actor, session_message::left_room{id_, x.expired});
    }
  }
  if (x.what.to == session_id{})
    return;
  listening_.add(x.in.hub);
  send(x.in.hub, hub_message::admit{id_, x.in.session, x.by_pages});
  send(x.in.actor,
       session_message::entered_room{id_, x.what.user, room_actor{this}});
}

void room::perform(effect::one_less& x) {
  listening_.remove(x.hub);
}

void room::perform(effect::shown& x) {
  x.answer(true);
}

template <class Effect>
void room::perform(Effect&) {
  // It matters only if it is taken back.
}

void room::perform(effect::end&) {
  phase_ = phase::over;
  send(services_.registry, registry_message::room_ended{id_});
  send(services_.store, registry_message::room_ended{id_});
  wake_.reset();
  wake_at(clock_.steady_now() + linger);
}

// -- taking back --------------------------------------------------------------

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

void room::take_back(effect::moved& x) {
  if (auto never = roster_.undo(x.what))
    unwatch(never->client.actor);
}

void room::take_back(effect::presence_of& x) {
  untold_.insert(x.user);
}

void room::take_back(effect::farewell& x) {
  parting_.insert(x.user);
}

void room::take_back(effect::shown& x) {
  x.answer(false);
}

template <class Effect>
void room::take_back(Effect&) {
  // Nobody has heard of it.
}

} // namespace observer
