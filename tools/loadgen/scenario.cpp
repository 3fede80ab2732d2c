#include "tools/loadgen/scenario.hpp"

#include <algorithm>

namespace observer::loadgen {

namespace {

constexpr std::size_t failures_to_tell = 5;
constexpr std::size_t failure_length = 200;

} // namespace

void failure_log::add(std::string what) {
  ++count;
  remember(what.substr(0, failure_length));
}

void failure_log::merge(const failure_log& other) {
  count += other.count;
  for (auto& x : other.kinds)
    remember(x);
}

void failure_log::remember(std::string what) {
  if (kinds.size() < failures_to_tell
      && std::find(kinds.begin(), kinds.end(), what) == kinds.end())
    kinds.push_back(std::move(what));
}

scenario::scenario(const stage& on, const crowd::plan& plan)
  : stage_(on),
    crowd_(on.loop, *this, on.records, plan,
           [this](connection& who, time_point now, std::uint64_t took) {
             on_in(who, now, took);
             check_set_up();
           }) {
}

void scenario::check_set_up() {
  if (crowd_.is_complete() && !std::exchange(set_up_, true) && on_set_up)
    on_set_up();
}

void scenario::close_rooms() {
  dismissed_ = true;
  crowd_.halt();
  for (std::size_t room = 0; room < crowd_.rooms(); ++room) {
    auto& host = crowd_.host_of(room);
    if (!host.is_ready() || crowd_.room_id(room) == 0)
      continue;
    std::string packet;
    append_event(packet, "close",
                 R"({"room_id":)" + std::to_string(crowd_.room_id(room)) + "}");
    host.send(packet);
  }
  stage_.loop.flush();
}

void scenario::dismiss() {
  dismissed_ = true;
  dismiss_others();
  for (auto& member : crowd_.members())
    member.leave();
  stage_.loop.flush();
}

std::size_t scenario::present() {
  auto& members = crowd_.members();
  return static_cast<std::size_t>(std::count_if(
    members.begin(), members.end(), [](auto& x) { return !x.is_closed(); }));
}

void scenario::on_ready(connection& who, time_point now) {
  crowd_.on_ready(who, now);
}

void scenario::on_message(connection&, const heard_message&, time_point) {
  if (!dismissed_)
    ++totals_.leaked; // scenarios that send messages expect them
}

void scenario::on_malformed(connection&) {
  if (!dismissed_)
    ++totals_.malformed;
}

void scenario::on_ack(connection& who, const heard_ack& ack,
                      std::string_view packet, time_point now) {
  if (dismissed_)
    return;
  if (ack.id != crowd::enter_ack)
    return on_reply(who, ack, now);
  if (!crowd_.on_entered(who, ack, packet, now)) {
    failures_.add("not let into a room: " + std::string{packet});
    crowd_.on_failed(who);
    who.leave();
    check_set_up();
  }
}

void scenario::on_trouble(connection&, std::string_view packet) {
  if (!dismissed_)
    failures_.add("heard " + std::string{packet});
}

void scenario::on_closed(connection& who, std::string_view why) {
  if (dismissed_)
    return;
  if (crowd_.has_arrived(who))
    return on_lost(who, why);
  if (!why.empty())
    failures_.add("cannot connect: " + std::string{why});
  crowd_.on_failed(who);
  check_set_up();
}

void scenario::on_lost(connection&, std::string_view why) {
  failures_.add("connection lost: " + std::string{why});
}

std::unique_ptr<scenario> make_scenario(const stage& on) {
  switch (on.settings.scenario) {
    case scenario_kind::fanout:
    case scenario_kind::slow:
      return make_fanout(on);
    case scenario_kind::echo:
      return make_echo(on);
    case scenario_kind::connect:
      return make_connect(on);
    case scenario_kind::idle:
      return make_idle(on);
    case scenario_kind::churn:
      return make_churn(on);
  }
  return nullptr;
}

} // namespace observer::loadgen
