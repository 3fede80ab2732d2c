#include "actors/domain/room_state.hpp"

#include "messages/names.hpp"

#include <algorithm>

namespace observer::domain {

namespace {

void note_time(room_state& state, timestamp shown) {
  state.newest = std::max(state.newest, shown);
}

void add_member(room_state& state, const user& who, const token_hash& token) {
  state.members[who.id] = member{.user = who, .token = token};
  state.names.insert(fold_name(who.name));
  state.by_token[token] = who.id;
  if (who.role != role::observer)
    ++state.participants;
  note_time(state, who.joined_at);
}

void remove_member(room_state& state, user_id id) {
  auto i = state.members.find(id);
  if (i == state.members.end())
    return;
  auto& gone = i->second;
  if (gone.user.role != role::observer)
    --state.participants;
  state.offline.erase({gone.offline_since, id});
  state.names.erase(state.names.find(fold_name(gone.user.name)));
  state.by_token.erase(gone.token);
  state.named.erase(id);
  state.members.erase(i);
}

struct folder {
  room_state& state;

  void operator()(const room_event::created& x) const {
    state.id = x.room;
    state.name = x.name;
    state.password = x.password;
    state.capacity = x.capacity;
    state.created_at = x.at;
    note_time(state, x.at);
    state.host = x.host.id;
    add_member(state, x.host, x.host_token);
  }

  void operator()(const room_event::joined& x) const {
    add_member(state, x.user, x.token);
  }

  void operator()(const room_event::left& x) const {
    remove_member(state, x.user.id);
  }

  void operator()(const room_event::banned& x) const {
    state.banned_names.emplace(fold_name(x.name), x.name);
    state.banned_tokens.insert(x.token);
  }

  void operator()(const room_event::host_passed& x) const {
    if (auto i = state.members.find(state.host); i != state.members.end())
      i->second.user.role = role::participant;
    if (auto i = state.members.find(x.to); i != state.members.end())
      i->second.user.role = role::host;
    state.host = x.to;
  }

  void operator()(const room_event::posted& x) const {
    auto& content = *x.content;
    state.last_seq = content.seq;
    note_time(state, content.sent_at);
    if (!x.client_id.empty())
      state.named[content.from.id].add(
        {x.client_id, content.seq, content.sent_at});
  }

  void operator()(const room_event::muted& x) const {
    auto i = state.members.find(x.user);
    if (i == state.members.end())
      return;
    i->second.user.muted = x.muted;
    auto name = fold_name(i->second.user.name);
    if (x.muted)
      state.muted_names.insert(std::move(name));
    else
      state.muted_names.erase(name);
  }

  void operator()(const room_event::configured& x) const {
    if (x.name)
      state.name = *x.name;
    if (x.locked)
      state.locked = *x.locked;
    if (x.password)
      state.password = *x.password;
    if (x.capacity)
      state.capacity = *x.capacity;
  }

  void operator()(const room_event::closed&) const {
    state.closed = true;
    state.members.clear();
    state.names.clear();
    state.by_token.clear();
    state.named.clear();
    state.offline.clear();
    state.participants = 0;
  }

  void operator()(const room_event::seated&) const {
    // Decides nothing.
  }

  void operator()(const room_event::connection_lost& x) const {
    auto i = state.members.find(x.user);
    if (i == state.members.end())
      return;
    state.offline.erase({i->second.offline_since, x.user});
    state.offline.insert({x.at, x.user});
    i->second.user.status = presence::offline;
    i->second.offline_since = x.at;
  }

  void operator()(const room_event::connection_found& x) const {
    auto i = state.members.find(x.user);
    if (i == state.members.end())
      return;
    state.offline.erase({i->second.offline_since, x.user});
    i->second.user.status = presence::online;
    i->second.offline_since = {};
  }

  void operator()(const room_event::restored& x) const {
    state = {};
    state.id = x.room;
    state.name = x.name;
    state.password = x.password;
    state.capacity = x.capacity;
    state.locked = x.locked;
    state.closed = x.closed;
    state.created_at = x.created_at;
    state.last_seq = x.last_seq;
    state.host = x.host;
    note_time(state, x.newest.value_or(x.created_at));
    for (auto& place : x.places) {
      auto who = place.user;
      who.muted = place.muted;
      add_member(state, who, place.token);
      if (who.muted) // in older stores, nothing else says so
        state.muted_names.insert(fold_name(who.name));
      for (auto& named : place.named) {
        state.named[who.id].add(named);
        note_time(state, named.sent_at);
      }
    }
    for (auto& name : x.banned_names)
      state.banned_names.emplace(fold_name(name), name);
    state.banned_tokens = {x.banned_tokens.begin(), x.banned_tokens.end()};
    state.muted_names.insert(x.muted_names.begin(), x.muted_names.end());
  }
};

} // namespace

const member* room_state::find(user_id id) const {
  auto i = members.find(id);
  return i != members.end() ? &i->second : nullptr;
}

void apply(room_state& state, const room_event::any& event) {
  std::visit(folder{state}, event);
}

bool make_room_for_name(room_state& state, user_id user, timestamp when,
                        std::size_t limit) {
  auto i = state.named.find(user);
  return i == state.named.end() || i->second.make_room(when, limit);
}

room_event::restored restore_point(const room_state& state) {
  room_event::restored result;
  result.room = state.id;
  result.name = state.name;
  result.password = state.password;
  result.capacity = state.capacity;
  result.locked = state.locked;
  result.closed = state.closed;
  result.created_at = state.created_at;
  result.last_seq = state.last_seq;
  result.host = state.host;
  for (auto& [id, x] : state.members) {
    auto& place = result.places.emplace_back();
    place.user = x.user;
    place.user.status = presence::online;
    place.token = x.token;
    place.muted = x.user.muted;
    if (auto i = state.named.find(id); i != state.named.end())
      place.named = i->second.oldest_first();
  }
  result.newest = state.newest;
  for (auto& [folded, name] : state.banned_names)
    result.banned_names.push_back(name);
  result.banned_tokens = {state.banned_tokens.begin(),
                          state.banned_tokens.end()};
  result.muted_names = {state.muted_names.begin(), state.muted_names.end()};
  return result;
}

std::size_t size_of(const room_state& state) {
  auto result = state.members.size() + state.banned_names.size()
                + state.banned_tokens.size() + state.muted_names.size();
  for (auto& [id, messages] : state.named)
    result += messages.size();
  return result;
}

namespace {

/// All but the participants.
room_data describe_itself(const room_state& state) {
  room_data result;
  result.id = state.id;
  result.name = state.name;
  result.locked = state.locked;
  result.has_password = state.password.has_value();
  result.capacity = state.capacity;
  result.created_at = state.created_at;
  result.last_seq = state.last_seq;
  if (const auto* host = state.find(state.host))
    result.host = host->user;
  return result;
}

} // namespace

room_data describe(const room_state& state) {
  auto result = describe_itself(state);
  result.participants.reserve(state.members.size());
  if (state.find(state.host) != nullptr)
    result.participants.push_back(result.host);
  for (auto& [id, x] : state.members)
    if (id != state.host)
      result.participants.push_back(x.user);
  return result;
}

room_data describe_first(const room_state& state, std::size_t limit) {
  auto all = state.members.size();
  if (all <= limit)
    return describe(state);
  auto result = describe_itself(state);
  result.participants = list_members(state, std::nullopt, limit).members;
  result.heads
    = head_count{static_cast<std::uint32_t>(state.participants),
                 static_cast<std::uint32_t>(all - state.participants),
                 static_cast<std::uint32_t>(all - state.offline.size())};
  return result;
}

member_page list_members(const room_state& state, std::optional<user_id> after,
                         std::size_t limit) {
  member_page result;
  auto i = after ? state.members.upper_bound(*after) : state.members.begin();
  for (; i != state.members.end() && result.members.size() < limit; ++i)
    result.members.push_back(i->second.user);
  result.more = i != state.members.end();
  return result;
}

} // namespace observer::domain
