#include "actors/room/roster.hpp"

#include <utility>

namespace observer {

// -- what is decided ----------------------------------------------------------

roster::move roster::enter(user_id user, const client_ref& client) {
  auto result = leave(user);
  result.to = client.session;
  seats_[client.session] = seat{.user = user, .client = client, .lost = {}};
  by_actor_[client.actor.id()] = client.session;
  by_user_[user] = client.session;
  return result;
}

roster::move roster::leave(user_id user) {
  move result{.user = user, .away = {}};
  if (auto here = by_user_.extract(user)) {
    result.from = here.mapped();
    seats_.at(result.from).given_up = true;
  } else if (auto gone = away_.extract(user)) {
    result.away = gone.mapped();
  }
  return result;
}

std::optional<roster::seat> roster::settle(const move& done) {
  return remove(done.from);
}

std::optional<roster::seat> roster::undo(const move& done) {
  auto never = remove(done.to);
  by_user_.erase(done.user);
  away_.erase(done.user);
  if (done.away)
    away_[done.user] = *done.away;
  if (auto* before = find(done.from)) {
    before->given_up = false;
    if (before->ended) {
      away_[done.user] = before->lost.value();
      remove(done.from);
    } else {
      by_user_[done.user] = done.from;
    }
  }
  return never;
}

// -- what happens -------------------------------------------------------------

std::optional<roster::seat> roster::end(caf::actor_id session, monotonic now) {
  auto i = by_actor_.find(session);
  if (i == by_actor_.end())
    return std::nullopt;
  auto& here = seats_.at(i->second);
  auto before = here;
  auto lost = here.lost.value_or(now);
  if (here.given_up) {
    here.ended = true;
    here.lost = lost;
  } else {
    by_user_.erase(here.user);
    away_[here.user] = lost;
    remove(i->second);
  }
  return before;
}

void roster::note_shown() {
  for (auto& [session, here] : seats_)
    here.shown_offline = here.lost.has_value();
}

bool roster::take_shown(user_id user) {
  auto i = by_user_.find(user);
  return i != by_user_.end()
         && std::exchange(seats_.at(i->second).shown_offline, false);
}

void roster::note_away(user_id user, monotonic when) {
  if (!by_user_.contains(user))
    away_.try_emplace(user, when);
}

// -- who is where -------------------------------------------------------------

std::optional<monotonic> roster::away_since(user_id user) const {
  if (const auto* here = find(user))
    return here->lost;
  auto i = away_.find(user);
  return i != away_.end() ? std::optional{i->second} : std::nullopt;
}

roster::seat* roster::find(session_id session) {
  auto i = seats_.find(session);
  return i != seats_.end() ? &i->second : nullptr;
}

const roster::seat* roster::find(user_id user) const {
  auto i = by_user_.find(user);
  return i != by_user_.end() ? &seats_.at(i->second) : nullptr;
}

std::vector<user_id> roster::members() const {
  std::vector<user_id> result;
  result.reserve(by_user_.size() + away_.size());
  for (auto& [user, session] : by_user_)
    result.push_back(user);
  for (auto& [user, since] : away_)
    result.push_back(user);
  return result;
}

void roster::clear() noexcept {
  seats_.clear();
  by_actor_.clear();
  by_user_.clear();
  away_.clear();
}

std::optional<roster::seat> roster::remove(session_id session) {
  auto gone = seats_.extract(session);
  if (!gone)
    return std::nullopt;
  by_actor_.erase(gone.mapped().client.actor.id());
  return std::move(gone.mapped());
}

} // namespace observer
