#include "tools/loadgen/crowd.hpp"

namespace observer::loadgen {

crowd::crowd(client_loop& loop, connection_events& events, recorder& records,
             const plan& what,
             std::function<void(connection&, time_point, std::uint64_t)> on_in)
  : records_(records),
    plan_(what),
    on_in_(std::move(on_in)),
    stages_(what.connections) {
  for (std::size_t i = 0; i < what.connections; ++i)
    members_.emplace_back(loop, events, what.first_index + i);
  if (what.per_room > 0)
    rooms_.resize((what.connections + what.per_room - 1) / what.per_room);
}

void crowd::start() {
  for (std::size_t i = 0; i < plan_.concurrency; ++i)
    open_next();
}

void crowd::open_next() {
  if (opened_ < members_.size())
    members_[opened_++].open();
}

void crowd::on_ready(connection& who, time_point now) {
  auto place = place_of(who);
  auto& mine = stages_[place];
  mine.connect_time = elapsed(who.opened_at(), now);
  records_.step("connect", mine.connect_time);
  if (plan_.per_room == 0)
    return arrive(who, now, mine.connect_time);
  auto& in = rooms_[place / plan_.per_room];
  if (place % plan_.per_room == 0)
    host(who);
  else if (in.id != 0)
    join(who);
  else if (in.failed)
    who.leave();
  else
    in.waiting.push_back(&who);
}

void crowd::host(connection& who) {
  stages_[place_of(who)].asked_at = steady::now();
  std::string packet;
  append_event(packet, "host", R"({"name":"loadgen"})", enter_ack);
  who.send(packet);
}

void crowd::join(connection& who) {
  auto place = place_of(who);
  stages_[place].asked_at = steady::now();
  auto request = R"({"room_id":)"
                 + std::to_string(rooms_[place / plan_.per_room].id)
                 + R"(,"name":"m)" + std::to_string(who.index()) + "\"}";
  std::string packet;
  append_event(packet, "join", request, enter_ack);
  who.send(packet);
}

bool crowd::on_entered(connection& who, const heard_ack& ack,
                       std::string_view packet, time_point now) {
  auto place = place_of(who);
  auto& mine = stages_[place];
  auto& in = rooms_[place / plan_.per_room];
  auto took = elapsed(mine.asked_at, now);
  if (!ack.ok)
    return false;
  if (place % plan_.per_room == 0) {
    auto answer = decode_ack(packet);
    const auto* id = answer.if_contains("room_id");
    if (id == nullptr || !id->is_int64())
      return false;
    in.id = id->get_int64();
    records_.step("create", took);
    for (auto* x : std::exchange(in.waiting, {}))
      if (x->is_ready())
        join(*x);
  } else {
    records_.step("join", took);
  }
  arrive(who, now, mine.connect_time + took);
  return true;
}

void crowd::arrive(connection& who, time_point now, std::uint64_t took) {
  stages_[place_of(who)].arrived = true;
  ++arrived_;
  open_next();
  on_in_(who, now, took);
}

void crowd::on_failed(connection& who) {
  auto place = place_of(who);
  if (std::exchange(stages_[place].failed, true) || stages_[place].arrived)
    return;
  ++failed_;
  // Without its host, a room lets nobody in.
  if (plan_.per_room > 0 && place % plan_.per_room == 0) {
    auto& in = rooms_[place / plan_.per_room];
    in.failed = true;
    for (auto* x : std::exchange(in.waiting, {}))
      x->leave();
  }
  open_next();
}

} // namespace observer::loadgen
