#include "actors/hub.hpp"

#include <algorithm>

namespace observer {

namespace {

/// How long a broken connection may go unnoticed, with default heartbeats, and
/// some more.
constexpr auto unnoticed = std::chrono::seconds{60};

/// Stands in for a connection that is lost.
class no_port final : public client_port {
public:
  void deliver(const frame&, urgency) override {
  }

  void answer(const request_tag&, const reply&) override {
  }

  void close(std::string_view) override {
  }

  void fenced() override {
  }

  [[nodiscard]] connection_info info() const override {
    return {};
  }
};

} // namespace

hub::hub(caf::actor_config& config, const runtime::placement& where,
         const settings& limits)
  : inspectable(config, where, "hub",
                where.home != nullptr
                  ? "loop " + std::to_string(where.home->index())
                  : "hub"),
    clock_(where.clock),
    nobody_(std::make_shared<no_port>()) {
  if (limits.recovery_window)
    log_.emplace(*limits.recovery_window + unnoticed, limits.recovery_bytes);
}

hub::behavior_type hub::make_behavior() {
  return {
    // CAF looks through handlers in this order.
    on([this](const fan_out& x) { deliver_to_room(x); }),
    on([this](const answer& x) {
      if (auto* client = find(x.session))
        client->port->answer(x.tag, x.result);
    }),
    on([this](const unicast& x) {
      auto* client = find(x.session);
      if (client == nullptr)
        return;
      if (log_ && x.event->id().is_set())
        log_->add(x.session, x.event, clock_.steady_now());
      client->port->deliver(x.event, urgency::keep);
      ++deliveries_;
    }),
    on([this](attach_client& x) {
      clients_[x.session].port = std::move(x.port);
    }),
    on([this](observer::remember_client& x) { remember_client(x); }),
    on([this](const observer::suspend_client& x) { suspend_client(x); }),
    on([this](const observer::recover_client& x) { recover_client(x); }),
    on([this](const detach_client& x) { remove_client(x.session); }),
    on([this](const admit& x) { seat_client(x.room, x.session); }),
    on([this](const dismiss& x) { unseat_client(x.room, x.session); }),
    on([this](const disconnect_all& x) {
      for (auto& [session, client] : clients_)
        client.port->close(x.why);
    }),
    on([this](const get_snapshot&) -> actor_snapshot {
      return hub_snapshot{clients_.size(), rooms_.size(), deliveries_};
    }),
  };
}

void hub::on_exit() {
  rooms_.clear();
  log_.reset();
  clients_.clear();
  inspectable::on_exit();
}

void hub::seat_client(room_id room, session_id session) {
  auto* client = find(session);
  if (client == nullptr)
    return; // gone while the room let it in; the room hears of it by itself
  auto& listeners = rooms_[room];
  client->seats.push_back({room, listeners.size()});
  if (log_)
    log_->enter(client->heard, room);
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
  if (log_)
    log_->leave(client->heard, room);
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
  if (!listeners.empty())
    return;
  if (log_)
    log_->forget(place.room);
  rooms_.erase(i);
}

void hub::remove_client(session_id session) {
  auto* client = find(session);
  if (client == nullptr)
    return;
  for (auto& seat : client->seats)
    vacate(seat);
  by_recovery_id_.erase(client->who.recovery_id);
  if (log_)
    log_->forget(session);
  clients_.erase(session);
}

// -- connection state recovery ------------------------------------------------

void hub::remember_client(observer::remember_client& x) {
  auto* client = find(x.session);
  if (client == nullptr || !log_)
    return;
  client->actor = std::move(x.actor);
  client->who = client->port->info();
  by_recovery_id_[client->who.recovery_id] = x.session;
  client->heard = log_->begin(x.session);
}

void hub::suspend_client(const observer::suspend_client& x) {
  auto* client = find(x.session);
  if (client != nullptr && client->port == x.lost)
    change_port(*client, nobody_);
}

void hub::recover_client(const observer::recover_client& x) {
  auto known = by_recovery_id_.find(x.recovery_id);
  auto* client = known != by_recovery_id_.end() ? find(known->second) : nullptr;
  if (client == nullptr)
    return x.port->not_recovered();
  auto missed = log_->missed(client->heard, x.last_heard);
  if (!missed)
    return x.port->not_recovered();
  // Only one connection speaks for a session: the last one that asked.
  client->port->fenced();
  change_port(*client, x.port);
  x.port->recovered(client->who, client->actor);
  send(client->actor, client_back{x.port});
  for (auto& event : *missed)
    x.port->deliver(event, urgency::keep);
}

void hub::change_port(client& whom, client_port_ptr port) {
  for (auto& seat : whom.seats)
    rooms_[seat.room][seat.index].port = port.get();
  whom.port = std::move(port);
}

// -- fan-out ------------------------------------------------------------------

void hub::deliver_to_room(const fan_out& x) {
  auto i = rooms_.find(x.room);
  if (i == rooms_.end())
    return;
  if (log_ && x.event->id().is_set())
    log_->add(x.room, x.except, x.event, clock_.steady_now());
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
