#include "actors/hub/hub.hpp"

#include "actors/domain/secret.hpp"
#include "actors/session/absent_port.hpp"
#include "messages/session.hpp"

#include <algorithm>

namespace observer {

namespace {

/// How long a broken connection may go unnoticed, with default heartbeats, and
/// some more.
constexpr auto unnoticed = std::chrono::seconds{60};

/// Listeners that are brought to the cache before it is their turn.
constexpr std::size_t prefetch_ahead = 4;

} // namespace

hub::hub(caf::actor_config& config, const runtime::placement& where,
         const settings& limits, const event_encoder& encoder)
  : inspectable(config, where, "hub",
                where.home != nullptr
                  ? "loop " + std::to_string(where.home->index())
                  : "hub"),
    clock_(where.clock),
    encoder_(encoder),
    replay_bytes_(limits.replay_bytes),
    nobody_(std::make_shared<absent_port>()) {
  if (limits.recovery_window)
    log_.emplace(*limits.recovery_window + unnoticed, limits.recovery_bytes);
}

hub::behavior_type hub::make_behavior() {
  return {
    // Handlers are looked for in this order.
    on([this](const hub_message::fan_out& x) { deliver_to_room(x); }),
    on([this](const hub_message::answer& x) {
      count(x.tag, x.result);
      if (auto* client = find(x.session))
        client->port->answer(x.tag, x.result);
    }),
    on([this](const hub_message::unicast& x) {
      if (auto* client = find(x.session))
        tell(*client, x.event);
    }),
    on([this](hub_message::attach_client& x) {
      auto& client = clients_[x.session];
      client.port = std::move(x.port);
      if (log_)
        client.heard = log_->begin(x.session);
    }),
    on([this](hub_message::remember_client& x) { remember_client(x); }),
    on([this](const hub_message::suspend_client& x) { suspend_client(x); }),
    on([this](hub_message::recover_client& x) { recover_client(x); }),
    on([this](const hub_message::detach_client& x) {
      remove_client(x.session);
    }),
    on([this](const hub_message::admit& x) { seat_client(x); }),
    on([this](const hub_message::dismiss& x) {
      unseat_client(x.room, x.session);
    }),
    on([this](const hub_message::disconnect_all& x) {
      for (auto& [session, client] : clients_)
        client.port->close(x.why);
    }),
    on([this](const get_snapshot&) -> actor_snapshot { return snapshot(); }),
  };
}

void hub::on_exit() {
  rooms_.clear();
  log_.reset();
  clients_.clear();
  inspectable::on_exit();
}

void hub::seat_client(const hub_message::admit& x) {
  auto [room, session, by_pages] = x;
  auto* client = find(session);
  if (client == nullptr)
    return; // gone while the room let it in; the room hears of it by itself
  auto& entered = rooms_[room];
  auto& listeners = entered.listeners;
  client->seats.push_back({room, listeners.size()});
  if (log_) {
    if (!entered.said)
      entered.said = std::make_shared<replay_log::source>(room);
    log_->enter(client->heard, entered.said);
  }
  listeners.push_back({session, client->port.get(), false, by_pages});
  note_several(*client);
}

void hub::unseat_client(room_id room, session_id session) {
  auto* client = find(session);
  if (client == nullptr)
    return;
  auto& seats = client->seats;
  auto i = std::find_if(seats.begin(), seats.end(),
                        [&](auto& x) { return x.room == room; });
  if (i == seats.end())
    return;
  auto place = *i;
  seats.erase(i);
  if (log_)
    log_->leave(client->heard, rooms_.at(room).said);
  vacate(place);
  note_several(*client);
}

/// Fills the gap with the last listener, so that leaving a large room costs no
/// more than leaving a small one.
void hub::vacate(const seat& place) {
  auto i = rooms_.find(place.room);
  auto& listeners = i->second.listeners;
  if (place.index + 1 != listeners.size()) {
    auto moved = listeners.back();
    listeners[place.index] = moved;
    for (auto& seat : find(moved.session)->seats)
      if (seat.room == place.room)
        seat.index = place.index;
  }
  listeners.pop_back();
  if (listeners.empty())
    rooms_.erase(i);
}

void hub::remove_client(session_id session) {
  auto* client = find(session);
  if (client == nullptr)
    return;
  for (auto& seat : client->seats)
    vacate(seat);
  if (client->actor)
    by_key_.erase(domain::hash_token(client->who.recovery_id));
  client->port->close("its session actor ended");
  clients_.erase(session);
}

// -- connection state recovery ------------------------------------------------

void hub::remember_client(hub_message::remember_client& x) {
  auto* client = find(x.session);
  if (client == nullptr || !log_)
    return;
  client->actor = std::move(x.actor);
  client->who = client->port->info();
  client->heard.last = x.last_heard;
  client->awaited = x.awaited;
  by_key_[domain::hash_token(client->who.recovery_id)] = x.session;
}

void hub::suspend_client(const hub_message::suspend_client& x) {
  auto* client = find(x.session);
  if (client != nullptr && client->port == x.lost)
    change_port(*client, nobody_);
}

void hub::recover_client(hub_message::recover_client& x) {
  auto known = by_key_.find(domain::hash_token(x.recovery_id));
  auto* client = known != by_key_.end() ? find(known->second) : nullptr;
  if (client == nullptr) {
    if (auto next = std::exchange(x.otherwise, nullptr))
      send(next, std::move(x));
    else
      x.port->not_recovered();
    return;
  }
  auto missed = log_->missed(client->heard, x.heard.last, replay_bytes_);
  if (!missed) {
    if (client->awaited)
      send(client->actor, session_message::end_session{});
    x.port->not_recovered();
    return;
  }
  client->awaited = false;
  // Only one connection speaks for a session: the last one that asked.
  client->port->fenced();
  change_port(*client, x.port);
  ++client->who.epoch;
  // The session hears of the connection first: that may be gone, and say so.
  send(client->actor, session_message::client_back{x.port, client->who.epoch});
  x.port->recovered(client->who, client->actor);
  replay(*client, x.heard, *missed);
}

/// What was missed, each event with how far the client has heard other rooms
/// by then. Of what it says about that, only rooms count that it was in.
void hub::replay(client& whom, const heard_so_far& heard,
                 const std::vector<frame>& missed) {
  auto was_in = [&](room_id room) {
    return std::any_of(whom.heard.stretches.begin(), whom.heard.stretches.end(),
                       [&](auto& x) { return x.in->room() == room; })
           || std::any_of(missed.begin(), missed.end(),
                          [&](auto& x) { return x->id().room == room; });
  };
  auto positions = heard.others;
  std::erase_if(positions, [&](auto& x) { return !was_in(x.room); });
  auto advance = [&](const event_id& to) {
    if (to.is_set())
      positions.push_back({to.room, to.rev});
  };
  advance(heard.last);
  for (auto& event : missed) {
    std::erase_if(positions,
                  [&](auto& x) { return x.room == event->id().room; });
    if (wants(whom, event))
      whom.port->deliver(
        positions.empty() ? event : encoder_.with_positions(event, positions),
        urgency::keep);
    advance(event->id());
  }
}

void hub::change_port(client& whom, client_port_ptr port) {
  for (auto& seat : whom.seats)
    rooms_[seat.room].listeners[seat.index].port = port.get();
  whom.port = std::move(port);
}

// -- several rooms ------------------------------------------------------------

void hub::note_several(client& whom) {
  if (!log_)
    return;
  for (auto& seat : whom.seats)
    rooms_[seat.room].listeners[seat.index].several = whom.seats.size() > 1;
}

/// What a client gets that may be in several rooms: the event, with how far it
/// has heard the rooms that it knows to be in.
frame hub::for_one(const client& whom, const frame& event) const {
  if (whom.seats.size() < 2 || !event->id().is_set())
    return event;
  std::vector<room_position> others;
  for (auto& seat : whom.seats)
    if (seat.room != event->id().room && seat.told > 0)
      others.push_back(
        {seat.room, std::max(seat.told, rooms_.at(seat.room).told)});
  return others.empty() ? event : encoder_.with_positions(event, others);
}

bool hub::wants(const client& whom, const frame& event) const {
  if (!event->is_room_update())
    return true;
  auto seat = std::find_if(whom.seats.begin(), whom.seats.end(),
                           [&](auto& x) { return x.room == event->id().room; });
  return seat == whom.seats.end()
         || !rooms_.at(seat->room).listeners[seat->index].by_pages;
}

// -- delivery -----------------------------------------------------------------

void hub::tell(client& whom, const frame& event) {
  auto& id = event->id();
  if (log_ && id.is_set()) {
    log_->add(whom.heard.own, {}, event, clock_.steady_now());
    for (auto& seat : whom.seats)
      if (seat.room == id.room)
        seat.told = std::max(seat.told, id.rev);
  }
  whom.port->deliver(for_one(whom, event), urgency::keep);
  ++deliveries_;
}

void hub::deliver_to_room(const hub_message::fan_out& x) {
  auto found = rooms_.find(x.room);
  if (found == rooms_.end())
    return;
  auto& room = found->second;
  if (log_ && x.event->id().is_set()) {
    log_->add(room.said, x.except, x.event, clock_.steady_now());
    room.told = std::max(room.told, x.event->id().rev);
  }
  auto is_update = x.event->is_room_update();
  auto& all = room.listeners;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i + prefetch_ahead < all.size())
      __builtin_prefetch(all[i + prefetch_ahead].port);
    auto& listener = all[i];
    if (listener.session == x.except || (is_update && listener.by_pages))
      continue;
    if (listener.several) [[unlikely]]
      listener.port->deliver(for_one(*find(listener.session), x.event), x.how);
    else
      listener.port->deliver(x.event, x.how);
    ++deliveries_;
  }
}

// -- figures ------------------------------------------------------------------

void hub::count(const request_tag& tag, const reply& result) {
  auto i = std::find_if(requests_.begin(), requests_.end(), [&](auto& x) {
    return x.event.data() == tag.event.data();
  });
  if (i == requests_.end())
    i = requests_.insert(i, request_counts{tag.event, 0, {}});
  if (const auto* no = std::get_if<failure>(&result))
    ++i->refused[no->code];
  else
    ++i->granted;
}

hub_snapshot hub::snapshot() const {
  hub_snapshot result;
  result.clients = clients_.size();
  result.rooms = rooms_.size();
  result.deliveries = deliveries_;
  for (auto& [session, client] : clients_) {
    auto line = client.port->figures();
    result.queued_bytes += line.queued_bytes;
    auto i
      = std::find_if(result.lines.begin(), result.lines.end(), [&](auto& x) {
          return x.transport == line.transport && x.protocol == line.protocol;
        });
    if (i == result.lines.end())
      i = result.lines.insert(i, {line.transport, line.protocol, 0});
    ++i->clients;
  }
  for (auto& x : requests_) {
    if (x.granted > 0)
      result.requests.push_back({x.event, "ok", x.granted});
    for (auto& [code, count] : x.refused)
      result.requests.push_back({x.event, to_string_view(code), count});
  }
  return result;
}

hub::client* hub::find(session_id session) {
  auto i = clients_.find(session);
  return i != clients_.end() ? &i->second : nullptr;
}

} // namespace observer
