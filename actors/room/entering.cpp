#include "actors/domain/retell.hpp"
#include "actors/domain/secret.hpp"
#include "actors/room/room.hpp"

#include <iterator>
#include <utility>

namespace observer {

namespace {

/// Of those who ask by REST.
const std::string unknown_network;

} // namespace

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
  if (request.client_id)
    host_token_ = secret;
  admit(client, place.user, std::move(events),
        commit{{}, token, entered{id_, place.user, std::move(secret), {}}});
}

/// The first one's answer again, once that one is stored. To another socket the
/// place moves, as by `rejoin`.
void room::enter(const client_ref& client, room_message::host_retry& again,
                 const reply_token& token) {
  if (!state_.exists()) // the store refused the first one
    return refuse(token, {errc::unavailable, "the room could not be made"});
  see_off();
  auto found = find_place(state_, rejoin_request{id_, host_token_, {}});
  if (auto* no = std::get_if<failure>(&found))
    return refuse(token, std::move(*no));
  auto user = std::get<user_id>(found);
  const auto* here = roster_.find(client.session);
  if (here != nullptr && (here->user != user || here->given_up))
    return refuse_again(token);
  if (here == nullptr && !again.may_enter) {
    ++services_.met.rooms_per_socket;
    return refuse(token, too_many_rooms());
  }
  commit work{{}, token, entered{id_, user, host_token_, {}}};
  if (here == nullptr)
    return admit(client, user, {}, std::move(work));
  work.effects.push_back(
    effect::tell{client, client_event::room_data{describe()}, decided_});
  record({}, std::move(work));
}

void room::enter(const client_ref& client, join_request& request,
                 const reply_token& token) {
  if (roster_.find(client.session) != nullptr)
    return refuse_again(token);
  if (auto no = refuse_entry(client))
    return refuse(token, std::move(*no));
  see_off();
  std::string secret;
  auto place = fresh_place(secret);
  auto decided = decide(state_, request, place, services_.limits.room_capacity,
                        now());
  if (auto* no = std::get_if<failure>(&decided)) {
    if (no->code == errc::room_full)
      ++services_.met.room_capacity;
    return refuse_entrant(client, token, std::move(*no));
  }
  auto& events = std::get<room_events>(decided);
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
  if (auto no = refuse_entry(client))
    return refuse(token, std::move(*no));
  see_off();
  auto found = find_place(state_, request);
  if (auto* no = std::get_if<failure>(&found))
    return refuse_entrant(client, token, std::move(*no));
  auto user = std::get<user_id>(found);
  std::optional<page_query> query;
  if (request.after)
    query = page_query{id_,  request.after,  {}, services_.limits.page_length,
                       user, state_.last_seq};
  admit(client, user, {}, commit{{}, token, entered{id_, user, {}, {}}}, query);
}

void room::refuse_again(const reply_token& token) {
  refuse(token, {errc::already_in_room, "this socket is in the room already"});
}

std::optional<failure> room::refuse_entry(const client_ref& client) {
  auto& limits = services_.limits;
  if (!limits.rate_limits
      || failed_entries_.has_one(limits.failed_entries, client.network,
                                 clock_.steady_now()))
    return std::nullopt;
  ++services_.met.failed_entries;
  return failure{errc::rate_limited,
                 "too many failed entries from this address"};
}

void room::refuse_entrant(const client_ref& client, const reply_token& token,
                          failure why) {
  if (why.code == errc::wrong_password || why.code == errc::bad_token)
    (void) failed_entries_.take(services_.limits.failed_entries, client.network,
                                clock_.steady_now());
  refuse(token, std::move(why));
}

reading_right room::find_reading_right(const reading_request& x) {
  auto& limits = services_.limits;
  if (!x.password || !limits.rate_limits)
    return find_right(state_, x);
  auto at = clock_.steady_now();
  if (failed_entries_.has_one(limits.failed_entries, unknown_network, at)) {
    auto right = find_right(state_, x);
    if (right == reading_right::refused)
      (void) failed_entries_.take(limits.failed_entries, unknown_network, at);
    return right;
  }
  auto right = find_right(state_, {x.room, std::nullopt, x.token});
  if (right != reading_right::refused)
    return right;
  ++services_.met.failed_entries;
  return reading_right::held_off;
}

/// The one way in. If somebody has the user's seat, it moves to the client, and
/// the other one hears why it is out.
void room::admit(const client_ref& client, user_id user, room_events events,
                 commit work, std::optional<page_query> query) {
  auto returns = state_.find(user) != nullptr;
  if (!work.returning) // else the place is for this session still
    events.push_back(
      room_event::seated{user, client.key ? *client.key : session_key{}});
  for (auto& event : events)
    apply(event, work);
  if (returns)
    apply(room_event::connection_found{user}, work);
  work.effects.push_back(effect::moved{roster_.enter(user, client), client});
  watch(client.actor);
  work.effects.push_back(
    effect::tell{client, client_event::room_data{describe()}, decided_});
  record(std::move(events), std::move(work), query);
}

// -- coming back after a restart ----------------------------------------------

caf::result<bool> room::resume(const client_ref& client,
                               const room_message::resume_request& x) {
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
void room::take_back_place(const client_ref& client,
                           const room_message::resume_request& x,
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
  std::vector<effect::any> missed;
  for (auto& [rev, event] : *told)
    if (back.knows_room || std::holds_alternative<client_event::message>(event))
      missed.push_back(effect::tell{back.whom, std::move(event), rev});
  auto where = work.effects.end();
  if (back.knows_room)
    --where;
  else
    std::get<effect::tell>(work.effects.back()).rev = back.after;
  work.effects.insert(where, std::make_move_iterator(missed.begin()),
                      std::make_move_iterator(missed.end()));
  return true;
}

} // namespace observer
