#include "actors/roster.hpp"

#include <utility>

namespace observer {

void roster::add(user_id user, const client_ref& client) {
  entries_[client.session] = {user, client};
  by_user_[user] = client.session;
  by_actor_[client.actor.id()] = client.session;
}

std::optional<roster::entry> roster::remove(user_id user) {
  auto session = by_user_.find(user);
  if (session == by_user_.end())
    return {};
  auto i = entries_.find(session->second);
  auto result = std::move(i->second);
  by_actor_.erase(result.client.actor.id());
  by_user_.erase(session);
  entries_.erase(i);
  return result;
}

void roster::note_shown() {
  for (auto& [session, entry] : entries_)
    entry.shown_offline = entry.absent;
}

roster::entry* roster::find(session_id session) {
  auto i = entries_.find(session);
  return i != entries_.end() ? &i->second : nullptr;
}

const roster::entry* roster::find(user_id user) const {
  auto i = by_user_.find(user);
  return i != by_user_.end() ? &entries_.at(i->second) : nullptr;
}

const roster::entry* roster::find_by_actor(caf::actor_id session) const {
  auto i = by_actor_.find(session);
  return i != by_actor_.end() ? &entries_.at(i->second) : nullptr;
}

void roster::clear() noexcept {
  entries_.clear();
  by_user_.clear();
  by_actor_.clear();
}

} // namespace observer
