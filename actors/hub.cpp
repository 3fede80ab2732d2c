#include "actors/hub.hpp"

#include <algorithm>

namespace observer {

hub::hub(caf::actor_config& config, const runtime::placement& where)
  : inspectable(config, where, "hub",
                where.home != nullptr
                  ? "loop " + std::to_string(where.home->index())
                  : "hub") {
}

hub::behavior_type hub::make_behavior() {
  return {
    on([this](const get_snapshot&) -> actor_snapshot {
      return hub_snapshot{clients_.size(), rooms_.size(), deliveries_};
    }),
    on([this](attach_client& x) {
      clients_[x.session].port = std::move(x.port);
    }),
    on([this](const detach_client& x) { remove_client(x.session); }),
    on([this](const admit& x) { seat_client(x.room, x.session); }),
    on([this](const dismiss& x) { unseat_client(x.room, x.session); }),
    on([this](const fan_out& x) { deliver_to_room(x); }),
    on([this](const unicast& x) {
      if (auto* client = find(x.session)) {
        client->port->deliver(x.event, urgency::keep);
        ++deliveries_;
      }
    }),
    on([this](const answer& x) {
      if (auto* client = find(x.session))
        client->port->answer(x.tag, x.result);
    }),
    on([this](const disconnect_all& x) {
      for (auto& [session, client] : clients_)
        client.port->close(x.why);
    }),
  };
}

void hub::on_exit() {
  rooms_.clear();
  clients_.clear();
  inspectable::on_exit();
}

void hub::seat_client(room_id room, session_id session) {
  auto* client = find(session);
  if (client == nullptr)
    return; // gone while the room let it in; the room hears of it by itself
  auto& listeners = rooms_[room];
  client->seats.push_back({room, listeners.size()});
  listeners.push_back({session, client->port.get()});
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
  vacate(place);
}

/// Fills the gap with the last listener, so that leaving a large room costs no
/// more than leaving a small one.
void hub::vacate(const seat& place) {
  auto i = rooms_.find(place.room);
  auto& listeners = i->second;
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
  clients_.erase(session);
}

void hub::deliver_to_room(const fan_out& x) {
  auto i = rooms_.find(x.room);
  if (i == rooms_.end())
    return;
  for (auto& listener : i->second) {
    if (listener.session == x.except)
      continue;
    listener.port->deliver(x.event, x.how);
    ++deliveries_;
  }
}

hub::client* hub::find(session_id session) {
  auto i = clients_.find(session);
  return i != clients_.end() ? &i->second : nullptr;
}

} // namespace observer
