#include "actors/room/room.hpp"
#include "messages/store.hpp"

#include <algorithm>
#include <utility>

namespace observer {

namespace {

/// How long a room without anyone online keeps its state in memory.
constexpr auto sleep_after = std::chrono::seconds{30};

} // namespace

// -- the state comes and goes -------------------------------------------------

/// If the room cannot be loaded, whoever waits is told `unavailable` by its
/// token.
void room::when_awake(std::function<void()> work) {
  stash_or_run([work = std::move(work)](bool awake) {
    if (awake)
      work();
  });
}

void room::stash_or_run(std::function<void(bool)> work) {
  if (is_awake())
    work(true);
  else
    stash(std::move(work));
}

void room::stash(std::function<void(bool)> work) {
  stash_.push_back(std::move(work));
  if (phase_ == phase::dormant)
    load();
}

void room::load() {
  phase_ = phase::loading;
  send(services_.store, store_message::load_room{id_, room_actor{this}});
}

void room::on_loaded(room_message::room_loaded& x) {
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
  // Of some of them the store has refused that they came.
  for (auto* away : {&absent_, &absent_observers_})
    away->keep_only(
      [this](user_id user) { return state_.find(user) != nullptr; });
  idle_since_ = clock_.steady_now();
  if (state_.exists() && !state_.closed) {
    catch_up_on_presence();
  } else {
    state_.closed = true;
    effect::end over;
    perform(over);
  }
  for (auto& work : waiting)
    work(true);
  schedule_wake();
}

/// What happened to connections while nobody could be told.
void room::catch_up_on_presence() {
  for (auto user : std::exchange(untold_, {}))
    if (const auto* member = state_.find(user)) {
      const auto* seat = roster_.find(user);
      effect::say news{client_event::user_status{id_, member->user},
                       urgency::keep,
                       seat != nullptr ? seat->client.session : session_id{},
                       decided_};
      perform(news);
    }
}

/// Without anyone online, all that a room needs to know is in the store, but
/// for who is where.
void room::fall_asleep() {
  state_ = {};
  phase_ = phase::dormant;
}

// -- people come and go -------------------------------------------------------

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
  effect::one_less gone{seat->client.hub};
  if (phase_ != phase::live)
    perform(gone);
  commit work;
  work.effects.emplace_back(std::move(gone));
  if (!seat->lost)
    change_presence(seat->user, now, std::move(work), seat->client.network);
  else if (phase_ == phase::live) // known since its connection was lost
    record({}, std::move(work));
}

/// The session lives on without its connection, or has another one now.
void room::on_presence_change(const room_message::presence_change& x) {
  auto* seat = roster_.find(x.session);
  if (seat == nullptr || seat->lost.has_value() != x.online)
    return;
  seat->lost = x.online ? std::nullopt : std::optional{clock_.steady_now()};
  if (seat->given_up)
    untold_.insert(seat->user);
  else
    change_presence(seat->user, seat->lost, {}, seat->client.network);
}

void room::change_presence(user_id user, std::optional<monotonic> lost,
                           commit work, const std::string& network) {
  if (lost)
    absent(user).add(user, network, *lost);
  else
    absent(user).remove(user);
  if (phase_ != phase::live) {
    untold_.insert(user);
    return;
  }
  work.effects.emplace_back(effect::presence_of{user});
  if (lost)
    apply(room_event::connection_lost{user, *lost}, work);
  else
    apply(room_event::connection_found{user}, work);
  // What it was told while it was away is not true any more.
  if (!lost && roster_.take_shown(user))
    work.effects.push_back(effect::tell{
      roster_.find(user)->client,
      client_event::user_status{id_, state_.find(user)->user}, decided_});
  record({}, std::move(work));
  auto& limits = services_.limits;
  if (lost && limits.rate_limits) {
    auto& away = absent(user);
    expire_first(away,
                 [&] { return away.over(network, limits.absent_per_address); });
  }
  schedule_wake();
}

/// Of the same kind as the user: observers do not take places of others.
absentees& room::absent(user_id user) {
  const auto* member = state_.find(user);
  auto observes = member != nullptr && member->user.role == role::observer;
  return observes ? absent_observers_ : absent_;
}

/// Too many of the same address are away: the longest absent leaves. Whoever is
/// none any more, because the store refused it or it is back, counts no longer.
template <class Pick>
bool room::expire_first(absentees& away, Pick pick) {
  for (std::optional<user_id> user = pick(); user; user = pick()) {
    away.remove(*user);
    const auto* member = state_.find(*user);
    if (member == nullptr || member->user.status != presence::offline)
      continue;
    ++services_.met.absent;
    auto events = domain::expire(state_, *user);
    commit work;
    for (auto& event : events)
      apply(event, work);
    record(std::move(events), std::move(work));
    return true;
  }
  return false;
}

/// In a full room, whoever comes takes the place of the one longest absent of
/// the address that has most of them, if that has more than its share.
bool room::make_place(role as) {
  if (!services_.limits.rate_limits)
    return false;
  auto& away = as == role::observer ? absent_observers_ : absent_;
  return expire_first(away, [&] { return away.over(state_.capacity / 10); });
}

/// A word that nobody can take back: its session ends with it.
void room::on_goodbye(session_id session) {
  const auto* seat = roster_.find(session);
  if (seat == nullptr || seat->given_up)
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
    work.effects.emplace_back(effect::farewell{user});
    for (auto& event : events)
      apply(event, work);
    record(std::move(events), std::move(work));
  }
}

void room::note_idle() {
  if (roster_.empty())
    idle_since_ = clock_.steady_now();
}

// -- time ---------------------------------------------------------------------

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

} // namespace observer
