#include "tests/actors/support.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <algorithm>
#include <utility>

// Apart from its header: the compiler takes long to make these actors, and each
// test would make them anew.
namespace observer::actor_tests {

std::chrono::milliseconds virtual_clock::pass(std::chrono::milliseconds step) {
  auto end = steady_now() + step;
  auto next = alarms_.begin();
  if (next == alarms_.end() || next->first > end) {
    passed_ += step;
    return {};
  }
  auto now = std::max(next->first, steady_now());
  passed_ += std::chrono::ceil<std::chrono::milliseconds>(now - steady_now());
  if (auto who = caf::actor_cast<caf::actor>(next->second))
    caf::anon_send(who, wake_up{});
  alarms_.erase(next);
  return std::chrono::duration_cast<std::chrono::milliseconds>(
    std::max(end - steady_now(), monotonic::duration{}));
}

void recording_port::recovered(const connection_info& earlier,
                               const session_actor& found) {
  who = earlier;
  session = found;
  if (is_gone)
    caf::anon_send(session, session_message::client_gone{false, who.epoch});
}

// -- the disk -----------------------------------------------------------------

void disk::handle(store_message::append& x) {
  if (slow)
    waiting.push_back(std::move(x));
  else
    finish(x);
}

void disk::finish(store_message::append& x) {
  room_message::appended result;
  if (!x.events.empty() && (full || ahead.contains(x.room))) {
    ahead.insert(x.room);
    ++refused;
    result.ok = false;
  } else {
    room_append one{x.room, &x.events};
    backend->append({&one, 1}, {});
    kept += x.events.size();
    if (x.query)
      result.page = backend->read(*x.query);
    if (x.past)
      result.past = backend->read(*x.past);
  }
  caf::anon_send(x.from, std::move(result));
}

void disk::let_through() {
  slow = false;
  while (!waiting.empty()) {
    finish(waiting.front());
    waiting.pop_front();
  }
}

namespace {

/// Stands in for the store's actor.
class disk_actor final : public runtime::inspectable<event_store_actor> {
public:
  disk_actor(caf::actor_config& config, const runtime::placement& where,
             disk& behind)
    : inspectable(config, where, "event_store", "disk"),
      disk_(behind) {
  }

  behavior_type make_behavior() override {
    return {
      on(
        [](const get_snapshot&) -> actor_snapshot { return store_snapshot{}; }),
      on([this](store_message::append& x) { disk_.handle(x); }),
      on([this](const store_message::load_room& x) {
        if (disk_.silent)
          return;
        disk_.ahead.erase(x.room);
        auto room = disk_.backend->load(x.room);
        send(x.from, room_message::room_loaded{true, std::move(room.events),
                                               room.last});
      }),
      on([](const registry_message::room_ended&) {}),
      on([this](const store_message::keep_session& x) { change(x); }),
      on([this](const store_message::forget_session& x) { change(x); }),
      on([](const store_message::commit_batch&) {}),
      on([](const wake_up&) {}),
      on([this](const page_query& x) { return disk_.backend->read(x); }),
      on([this](const store_message::find_session& x) {
        return disk_.backend->find_session(x.key);
      }),
      on([this](const past_query& x) { return disk_.backend->read(x); }),
    };
  }

private:
  void change(session_change x) {
    disk_.backend->append({}, {&x, 1});
  }

  disk& disk_;
};

} // namespace

// -- the house ----------------------------------------------------------------

house::house(const settings& wanted, const event_encoder* other)
  : limits(wanted),
    speaks(other != nullptr ? *other : encoder) {
  config.set("scheduler.policy", caf::atom("testing"));
  config.set("logger.file-verbosity", caf::atom("quiet"));
  config.set("logger.verbosity", caf::atom("quiet"));
  system.emplace(config);
  system->await_actors_before_shutdown(false);
  start();
}

house::~house() {
  end();
  system.reset();
}

void house::start() {
  store = system->spawn<disk_actor>(place(), storage);
  actors.emplace(*system,
                 actor_surroundings{limits,
                                    speaks,
                                    met,
                                    directory,
                                    {place()},
                                    place(),
                                    domain::password_cost::least()},
                 store_actors{store, store}, storage.backend->index());
  registry = actors->registry();
  passwords = actors->passwords();
  hub = actors->hub_at(0);
  reviver = actors->reviver_at(0);
  run();
}

void house::end() {
  run();
  for (auto& info : directory.list())
    if (auto actor = caf::actor_cast<caf::actor>(directory.address_of(info.id)))
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  run();
  store = nullptr;
  registry = nullptr;
  hub = nullptr;
  passwords = nullptr;
  reviver = nullptr;
  actors.reset();
  sessions.clear();
}

void house::run() {
  dynamic_cast<caf::scheduler::test_coordinator&>(system->scheduler()).run();
}

void house::pass(std::chrono::milliseconds time) {
  do {
    time = clock.pass(time);
    run();
  } while (time.count() > 0);
}

caf::actor house::find(std::string_view kind) {
  for (auto& info : directory.list())
    if (info.kind == kind)
      return caf::actor_cast<caf::actor>(directory.address_of(info.id));
  return {};
}

// -- guests -------------------------------------------------------------------

guest::guest(house& where) : at(where) {
  auto number = std::to_string(where.next_guest++);
  port->who.socket_id = "socket " + number;
  port->who.address = "10.0.0.1";
  if (where.limits.recovery_window)
    port->who.recovery_id = "secret " + number;
  session = where.actors->begin_session(0, port);
  where.sessions.push_back(session);
  where.run();
}

void guest::take_place(const std::optional<reply>& answer) {
  auto& granted = std::get<entered>(answer.value());
  room = granted.room;
  id = granted.user;
  token = granted.token;
}

guest& guest::hosts(host_request request) {
  take_place(ask(std::move(request)));
  return *this;
}

guest& guest::joins(room_id where, std::string name, role as) {
  join_request request;
  request.room = where;
  request.name = std::move(name);
  request.role = as;
  take_place(ask(std::move(request)));
  return *this;
}

std::optional<reply> guest::says(std::string text, std::string client_id) {
  message_request request;
  request.room = room;
  request.text = std::move(text);
  if (!client_id.empty())
    request.client_id = std::move(client_id);
  return ask(std::move(request));
}

void guest::goes(bool clean) {
  caf::anon_send(session, session_message::client_gone{clean, port->who.epoch});
  session = nullptr;
  at.run();
}

} // namespace observer::actor_tests
