#include "actors/session/reviver.hpp"

#include "actors/domain/retell.hpp"
#include "actors/domain/secret.hpp"
#include "actors/session/absent_port.hpp"
#include "messages/session.hpp"

#include <algorithm>
#include <random>

namespace observer {

namespace {

/// How long the store or a room may take.
constexpr auto answer_timeout = std::chrono::seconds{10};

/// How far a client says it has heard a room; nothing if it knows nothing of
/// it.
std::optional<revision> heard_of(room_id room, const heard_so_far& heard) {
  if (heard.last.is_set() && heard.last.room == room)
    return heard.last.rev;
  auto i = std::find_if(heard.others.begin(), heard.others.end(),
                        [&](auto& x) { return x.room == room; });
  return i != heard.others.end() ? std::optional{i->rev} : std::nullopt;
}

/// Whether the store knows what became of each room that the client was in,
/// and the client has not heard more of one than its session could.
bool accounts_for(const stored_session& session, const heard_so_far& heard) {
  auto known = [&](room_id room, revision rev) {
    return std::any_of(session.seats.begin(), session.seats.end(),
                       [&](auto& x) {
                         return x.room == room && x.since <= rev;
                       });
  };
  return (!heard.last.is_set() || known(heard.last.room, heard.last.rev))
         && std::all_of(heard.others.begin(), heard.others.end(),
                        [&](auto& x) { return known(x.room, x.rev); });
}

} // namespace

reviver::reviver(caf::actor_config& config, const runtime::placement& where,
                 reviver_services services)
  : inspectable(config, where, "reviver",
                where.home != nullptr
                  ? "loop " + std::to_string(where.home->index())
                  : "reviver"),
    services_(std::move(services)),
    clock_(where.clock),
    started_(where.clock.steady_now()),
    life_(std::random_device{}()) {
}

reviver::behavior_type reviver::make_behavior() {
  return {
    on([this](const get_snapshot&) -> actor_snapshot {
      return reviver_snapshot{under_way_.size(), revived_.size(), refused_};
    }),
    on([this](hub_message::recover_client& x) { recover(x); }),
  };
}

void reviver::on_exit() {
  under_way_.clear();
  services_.registry = nullptr;
  services_.store = nullptr;
  services_.hub = nullptr;
  services_.make_session = nullptr;
  inspectable::on_exit();
}

void reviver::recover(hub_message::recover_client& x) {
  // Whoever was connected when the last run ended has been lost since then;
  // the window begins anew with this run.
  if (clock_.steady_now() > started_ + *services_.limits.recovery_window)
    return x.port->not_recovered();
  auto key = domain::hash_token(x.recovery_id);
  if (revived_.contains(key)) // while this one was on its way here
    return send(services_.hub, std::move(x));
  auto [i, fresh] = under_way_.try_emplace(key);
  auto before = std::exchange(i->second.asked, std::move(x));
  if (!fresh) { // the client lost patience, or its line once more
    before.port->fenced();
    return;
  }
  request(services_.store, answer_timeout, store_message::find_session{key})
    .then([this, key](const stored_session_ptr& y) { on_found(key, y); },
          [this, key](const caf::error&) { give_up(key); });
}

void reviver::on_found(const session_key& key,
                       const stored_session_ptr& found) {
  auto& one = under_way_.at(key);
  auto heard = one.asked.heard;
  if (!found || !accounts_for(*found, heard))
    return give_up(key);
  connection_info who;
  who.socket_id = found->socket_id;
  who.recovery_id = one.asked.recovery_id;
  who.address = one.asked.port->info().address;
  one.session
    = services_.make_session(std::make_shared<absent_port>(std::move(who)));
  ++one.open; // until all have been asked
  for (auto& place : found->seats) {
    auto upto = heard_of(place.room, heard);
    if (!place.ended)
      resume(key, place, upto);
    // A room that it entered and was out of again before it heard anything
    // of it, or whose end it has heard: no news.
    else if (upto && *upto < *place.ended)
      tell_end(key, place, *upto);
  }
  one_done(key, true);
}

void reviver::resume(const session_key& key, const seat& place,
                     std::optional<revision> heard) {
  auto& one = under_way_.at(key);
  ++one.open;
  request(services_.registry, answer_timeout, one.session,
          room_message::resume_request{place.room, place.user, place.since,
                                       heard})
    .then([this, key](bool good) { one_done(key, good); },
          [this, key](const caf::error&) { one_done(key, false); });
}

/// The session is out of this room, and its client may not know: the room does
/// not tell that to it any more, and may be over.
void reviver::tell_end(const session_key& key, const seat& place,
                       revision heard) {
  ++under_way_.at(key).open;
  past_query query{place.room, heard, *place.ended,
                   services_.limits.replay_bytes};
  request(services_.store, answer_timeout, query)
    .then(
      [this, key, place, heard](const room_past& past) {
        auto& one = under_way_.at(key);
        one_done(key, tell(one.session, place, heard, past));
      },
      [this, key](const caf::error&) { one_done(key, false); });
}

bool reviver::tell(const client_ref& whom, const seat& place, revision heard,
                   const room_past& past) {
  if (!past.events)
    return false;
  auto told = domain::retell(*past.events, heard, place.room, place.user,
                             [](user_id) { return nullptr; });
  if (!told)
    return false;
  for (auto& [rev, event] : *told)
    send(services_.hub,
         hub_message::unicast{
           whom.session, services_.encoder.encode(
                           event, event_id{place.room, rev, life_, ++told_})});
  return true;
}

void reviver::one_done(const session_key& key, bool good) {
  auto& one = under_way_.at(key);
  one.failed = one.failed || !good;
  if (--one.open > 0)
    return;
  if (one.failed)
    return give_up(key);
  auto done = std::move(under_way_.extract(key).mapped());
  revived_.insert(key);
  send(services_.hub,
       hub_message::remember_client{done.session.session, done.session.actor,
                                    done.asked.heard.last, true});
  send(services_.hub, std::move(done.asked));
}

void reviver::give_up(const session_key& key) {
  auto one = std::move(under_way_.extract(key).mapped());
  ++refused_;
  if (one.session.actor)
    send(one.session.actor, session_message::end_session{});
  one.asked.port->not_recovered();
}

} // namespace observer
