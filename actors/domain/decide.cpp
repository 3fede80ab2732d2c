#include "actors/domain/decide.hpp"

#include "actors/domain/secret.hpp"
#include "messages/names.hpp"

#include <algorithm>

namespace observer::domain {

namespace {

failure refuse(errc code, std::string message) {
  return failure{code, std::move(message)};
}

failure no_such_room() {
  return refuse(errc::room_not_found, "there is no such room");
}

failure no_such_user() {
  return refuse(errc::user_not_found, "nobody of that user_id is in the room");
}

/// Why `by` may not moderate; nothing if it may.
std::optional<failure> refuse_moderation(const room_state& state, user_id by) {
  if (state.closed)
    return no_such_room();
  if (state.host != by)
    return refuse(errc::forbidden, "only the host of the room may do this");
  return std::nullopt;
}

/// Why `sender` may not be heard; nothing if it may.
std::optional<failure> refuse_speech(const member& sender) {
  if (sender.user.role == role::observer)
    return refuse(errc::forbidden, "observers may not speak");
  if (sender.user.muted)
    return refuse(errc::forbidden, "the host has muted you");
  return std::nullopt;
}

/// The next host when `leaver` goes: the participant longest there. There is
/// one.
user_id find_heir(const room_state& state, user_id leaver) {
  return std::find_if(state.members.begin(), state.members.end(),
                      [&](auto& x) {
                        return x.first != leaver
                               && x.second.user.role != role::observer;
                      })
    ->first;
}

/// All that follows from the end of one membership.
room_events end_membership(const room_state& state, const member& leaver,
                           leave_reason reason, std::string note = {}) {
  room_events result;
  result.push_back(room_event::left{leaver.user, reason, std::move(note)});
  auto left = state.participants;
  if (leaver.user.role != role::observer)
    --left;
  if (left == 0)
    result.push_back(room_event::closed{close_reason::empty});
  else if (leaver.user.id == state.host)
    result.push_back(room_event::host_passed{find_heir(state, leaver.user.id)});
  return result;
}

} // namespace

// -- entering -----------------------------------------------------------------

decision decide(const room_state&, const host_request& request, room_id id,
                const fresh_place& place, std::uint32_t capacity_limit,
                timestamp now) {
  room_event::created made;
  made.room = id;
  made.name = request.room ? *request.room : request.name + "'s room";
  made.password = request.hash;
  made.capacity = request.capacity.value_or(capacity_limit);
  made.host = user{place.user, request.name, role::host, presence::online, now};
  made.host_token = place.token;
  made.at = now;
  return room_events{std::move(made)};
}

decision decide(const room_state& state, const join_request& request, bool fits,
                const fresh_place& place, std::uint32_t observer_limit,
                timestamp now) {
  if (!state.exists() || state.closed)
    return no_such_room();
  auto folded = fold_name(request.name);
  if (state.banned_names.contains(folded))
    return refuse(errc::forbidden, "this name is banned from the room");
  if (state.locked)
    return refuse(errc::room_locked, "the room is locked");
  if (state.password && !fits)
    return refuse(errc::wrong_password, "this is not the room's password");
  if (state.names.contains(folded))
    return refuse(errc::name_taken, "somebody in the room bears this name");
  auto observers = state.members.size() - state.participants;
  auto full = request.role == role::observer
                ? observers >= observer_limit
                : state.participants >= state.capacity;
  if (full)
    return refuse(errc::room_full, "the room is full");
  return room_events{room_event::joined{
    user{place.user, request.name, request.role, presence::online, now,
         state.muted_names.contains(folded)},
    place.token}};
}

std::variant<user_id, failure> find_place(const room_state& state,
                                          const rejoin_request& request) {
  if (!state.exists() || state.closed)
    return no_such_room();
  auto hash = hash_token(request.token);
  if (state.banned_tokens.contains(hash))
    return refuse(errc::forbidden, "this token is banned from the room");
  auto i = state.by_token.find(hash);
  if (i == state.by_token.end())
    return refuse(errc::bad_token, "the token opens no place in this room");
  return i->second;
}

reading_right find_right(const room_state& state,
                         const reading_request& request, bool fits) {
  if (!state.exists() || state.closed)
    return reading_right::no_room;
  auto is_member = request.token
                   && state.by_token.contains(hash_token(*request.token));
  auto may_enter = !state.locked && (!state.password || fits);
  return is_member || may_enter ? reading_right::granted
                                : reading_right::refused;
}

// -- what members ask for -----------------------------------------------------

decision decide(const room_state& state, user_id by, const leave_request&) {
  if (state.closed)
    return no_such_room();
  return end_membership(state, state.members.at(by), leave_reason::left);
}

decision decide(const room_state& state, user_id by,
                const message_request& request, timestamp now) {
  if (state.closed)
    return no_such_room();
  auto& sender = state.members.at(by);
  if (auto no = refuse_speech(sender))
    return *no;
  if (request.to && !state.members.contains(*request.to))
    return no_such_user();
  auto content = std::make_shared<message>();
  content->room = state.id;
  content->seq = state.last_seq + 1;
  content->from = author{by, sender.user.name};
  content->text = request.text;
  content->data = request.data;
  content->to = request.to;
  content->sent_at = now;
  return room_events{
    room_event::posted{std::move(content), request.client_id.value_or("")}};
}

const named_message* find_named(const room_state& state, user_id by,
                                const message_request& request) {
  if (!request.client_id || request.client_id->empty())
    return nullptr;
  auto i = state.named.find(by);
  return i != state.named.end() ? i->second.find(*request.client_id) : nullptr;
}

std::optional<failure> refuse_activity(const room_state& state, user_id by) {
  if (state.closed)
    return no_such_room();
  return refuse_speech(state.members.at(by));
}

decision decide(const room_state& state, user_id by,
                const kick_request& request) {
  if (auto no = refuse_moderation(state, by))
    return *no;
  const auto* target = state.find(request.user);
  if (target == nullptr)
    return no_such_user();
  if (request.user == by)
    return refuse(errc::bad_request, "user_id: the host cannot kick itself");
  auto result = end_membership(state, *target, leave_reason::kicked,
                               request.reason);
  if (request.ban)
    result.insert(result.begin(),
                  room_event::banned{target->user.name, target->token});
  return result;
}

decision decide(const room_state& state, user_id by,
                const mute_request& request) {
  if (auto no = refuse_moderation(state, by))
    return *no;
  if (state.find(request.user) == nullptr)
    return no_such_user();
  return room_events{room_event::muted{request.user, request.muted}};
}

decision decide(const room_state& state, user_id by,
                const configure_request& request) {
  if (auto no = refuse_moderation(state, by))
    return *no;
  room_events result;
  if (request.host && *request.host != by) {
    const auto* heir = state.find(*request.host);
    if (heir == nullptr)
      return no_such_user();
    if (heir->user.role == role::observer)
      return refuse(errc::bad_request, "host: an observer cannot be the host");
    result.push_back(room_event::host_passed{*request.host});
  }
  room_event::configured change;
  change.name = request.name;
  change.locked = request.locked;
  change.capacity = request.capacity;
  if (request.password)
    change.password = request.hash;
  result.push_back(std::move(change));
  return result;
}

decision decide(const room_state& state, user_id by, const close_request&) {
  if (auto no = refuse_moderation(state, by))
    return *no;
  return room_events{room_event::closed{close_reason::closed}};
}

// -- what happens to who is away
// -----------------------------------------------------------

room_events expire_one(const room_state& state, monotonic now,
                       std::chrono::milliseconds grace) {
  auto next = next_expiry(state, grace);
  if (!next || *next > now)
    return {};
  return expire(state, state.offline.begin()->second);
}

room_events expire(const room_state& state, user_id user) {
  return end_membership(state, state.members.at(user), leave_reason::timeout);
}

std::optional<monotonic> next_expiry(const room_state& state,
                                     std::chrono::milliseconds grace) {
  if (state.offline.empty())
    return std::nullopt;
  return state.offline.begin()->first + grace;
}

} // namespace observer::domain
