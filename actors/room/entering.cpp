#include "actors/domain/retell.hpp"
#include "actors/domain/secret.hpp"
#include "actors/room/asking.hpp"

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
  if (request.hash)
    password_.learn(*request.hash, *request.password);
  auto decided = decide(state_, request, id_, place,
                        services_.limits.room_capacity, now());
  auto& events = std::get<room_events>(decided);
  if (request.client_id)
    host_token_ = secret;
  admit(client, place.user, std::move(events),
        commit{{}, token, entered{id_, place.user, std::move(secret), {}}},
        {{}, request.participants});
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
    return admit(client, user, {}, std::move(work), {{}, again.participants});
  work.effects.push_back(effect::tell{
    client, client_event::room_data{describe(again.participants)}, decided_});
  record({}, std::move(work));
}

void room::enter(const client_ref& client, join_request& request,
                 const reply_token& token) {
  join(client, request, token, std::nullopt);
}

void room::join(const client_ref& client, join_request& request,
                const reply_token& token,
                const std::optional<password_hash>& misfit) {
  if (roster_.find(client.session) != nullptr)
    return refuse_again(token);
  if (auto no = refuse_entry(client))
    return refuse(token, std::move(*no));
  see_off();
  std::string secret;
  auto place = fresh_place(secret);
  auto known = fits(request.password, misfit);
  auto decide_now = [&] {
    return decide(state_, request, known.value_or(false), place,
                  services_.limits.room_capacity, now());
  };
  auto decided = decide_now();
  if (const auto* no = std::get_if<failure>(&decided))
    if (no->code == errc::room_full && make_place(request.role))
      decided = decide_now();
  if (auto* no = std::get_if<failure>(&decided)) {
    if (no->code == errc::wrong_password && !known)
      return check_password(
        client.network, *request.password,
        [this, client, request, token](const looked_at& x) {
          if (!x.done)
            return refuse(token, {errc::unavailable,
                                  "too many passwords wait to be checked"});
          when_awake(
            [=, this]() mutable { join(client, request, token, x.misfit); });
        });
    if (no->code == errc::room_full)
      ++services_.met.room_capacity;
    return refuse_entrant(client, token, std::move(*no));
  }
  auto& events = std::get<room_events>(decided);
  way_in how{{}, request.participants};
  if (request.history)
    how.query
      = page_query{id_, {}, {}, *request.history, place.user, state_.last_seq};
  admit(client, place.user, std::move(events),
        commit{{}, token, entered{id_, place.user, std::move(secret), {}}},
        how);
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
  way_in how{{}, request.participants};
  if (request.after)
    how.query = page_query{id_,  request.after,
                           {},   services_.limits.page_length,
                           user, state_.last_seq};
  admit(client, user, {}, commit{{}, token, entered{id_, user, {}, {}}}, how);
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

caf::result<reading_right> room::find_reader(const reading_request& x) {
  auto promise = make_response_promise<reading_right>();
  find_reader(x, promise, std::nullopt);
  return promise;
}

void room::find_reader(const reading_request& x,
                       caf::typed_response_promise<reading_right> promise,
                       const std::optional<password_hash>& misfit) {
  auto& limits = services_.limits;
  auto again = [=, this](const std::optional<password_hash>& found) mutable {
    stash_or_run([=, this](bool awake) mutable {
      if (awake)
        find_reader(x, promise, found);
      else
        promise.deliver(caf::make_error(caf::sec::runtime_error));
    });
  };
  if (!is_awake())
    return again(misfit);
  auto known = fits(x.password, misfit);
  auto is_open
    = !known && find_right(state_, x, false) == reading_right::refused
      && find_right(state_, x, true) == reading_right::granted
      && (!limits.rate_limits
          || failed_entries_.has_one(limits.failed_entries, unknown_network,
                                     clock_.steady_now()));
  if (is_open)
    return check_password(unknown_network, *x.password,
                          [promise, again](const looked_at& y) mutable {
                            if (y.done)
                              again(y.misfit);
                            else
                              promise.deliver(reading_right::held_off);
                          });
  deliver(promise, [this, x, fits = known.value_or(false)] {
    return find_reading_right(x, fits);
  });
}

reading_right room::find_reading_right(const reading_request& x, bool fits) {
  auto& limits = services_.limits;
  if (!x.password || !limits.rate_limits)
    return find_right(state_, x, fits);
  auto at = clock_.steady_now();
  if (failed_entries_.has_one(limits.failed_entries, unknown_network, at)) {
    auto right = find_right(state_, x, fits);
    if (right == reading_right::refused)
      (void) failed_entries_.take(limits.failed_entries, unknown_network, at);
    return right;
  }
  auto right = find_right(state_, x, false);
  if (right != reading_right::refused)
    return right;
  ++services_.met.failed_entries;
  return reading_right::held_off;
}

// -- the password -------------------------------------------------------------

std::optional<bool>
room::fits(const std::optional<std::string>& password,
           const std::optional<password_hash>& misfit) const {
  if (!state_.password)
    return true;
  if (!password || state_.password == misfit)
    return false;
  return password_.fits(*state_.password, *password);
}

/// Argon2id takes long, and has to be asked at most once a password: who comes
/// meanwhile waits until that is known. The state may be another one by then.
void room::check_password(const std::string& network,
                          const std::string& password,
                          std::function<void(const looked_at&)> then) {
  if (checking_) {
    entrants_.push_back([then = std::move(then)] { then({true, {}}); });
    return;
  }
  auto place = services_.passwords.line.enter(network);
  if (!place) {
    ++services_.met.password_line;
    return then({});
  }
  checking_ = true;
  auto& hash = *state_.password;
  request(services_.passwords.keeper, caf::infinite,
          password_message::check_password{hash, password, std::move(place)})
    .then(
      [this, hash, password, then](bool right) {
        if (right)
          password_.learn(hash, password);
        end_check(then, {true, right ? std::nullopt : std::optional{hash}});
      },
      [this, then](const caf::error&) { end_check(then, {}); });
}

void room::end_check(const std::function<void(const looked_at&)>& then,
                     const looked_at& result) {
  checking_ = false;
  then(result);
  while (!checking_ && !entrants_.empty()) {
    auto next = std::move(entrants_.front());
    entrants_.pop_front();
    next();
  }
}

// -- the one way in -----------------------------------------------------------

/// If somebody has the user's seat, it moves to the client, and
/// the other one hears why it is out.
void room::admit(const client_ref& client, user_id user, room_events events,
                 commit work, const way_in& how) {
  auto returns = state_.find(user) != nullptr;
  if (!work.returning) // else the place is for this session still
    events.push_back(
      room_event::seated{user, client.key ? *client.key : session_key{}});
  for (auto& event : events)
    apply(event, work);
  if (returns) {
    absent(user).remove(user);
    apply(room_event::connection_found{user}, work);
  }
  auto by_pages = how.participants.has_value();
  work.effects.push_back(
    effect::moved{roster_.enter(user, client), client, false, by_pages});
  watch(client.actor);
  work.effects.push_back(effect::tell{
    client, client_event::room_data{describe(how.participants)}, decided_});
  record(std::move(events), std::move(work), how.query);
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
  admit(client, x.user, {}, std::move(work), {});
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
