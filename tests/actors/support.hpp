#pragma once

#include "actors/hub.hpp"
#include "actors/registry.hpp"
#include "actors/reviver.hpp"
#include "actors/session.hpp"
#include "actors/store/store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

/// A house of real actors on CAF's deterministic scheduler, with everything
/// around them in the hands of the test: time, the disk, the clients.
namespace observer::actor_tests {

/// Time that passes only when a test says so.
class virtual_clock final : public runtime::clock {
public:
  [[nodiscard]] timestamp now() const override {
    return timestamp{std::chrono::hours{1}} + passed_ + set_by;
  }

  [[nodiscard]] monotonic steady_now() const override {
    return monotonic{std::chrono::hours{1}} + passed_;
  }

  void wake_at(monotonic when, caf::actor_addr who) override {
    alarms_.emplace(when, std::move(who));
  }

  /// Time goes on to the next alarm within `step`, if there is one, else by all
  /// of it. @returns what is left of `step`
  std::chrono::milliseconds pass(std::chrono::milliseconds step) {
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

  /// By how much somebody has set the civil clock.
  std::chrono::milliseconds set_by{};

private:
  std::chrono::milliseconds passed_{};
  std::multimap<monotonic, caf::actor_addr> alarms_;
};

/// An event that tests can read.
struct told_event final : encoded_event {
  client_event::any event;
  std::vector<room_position> others;

  told_event(client_event::any what, const event_id& id)
    : encoded_event(id, 100),
      event(std::move(what)) {
  }
};

struct plain_encoder final : event_encoder {
  [[nodiscard]] frame encode(const client_event::any& event,
                             const event_id& id) const override {
    ++encoded;
    return std::make_shared<told_event>(event, id);
  }

  [[nodiscard]] frame
  with_positions(const frame& event,
                 const std::vector<room_position>& others) const override {
    auto copy
      = std::make_shared<told_event>(static_cast<const told_event&>(*event));
    copy->others = others;
    return copy;
  }

  mutable std::size_t encoded = 0; ///< events
};

/// A client's end of the line: keeps what it is told.
struct recording_port : recovering_port {
  connection_info who;
  std::vector<frame> frames;
  std::vector<reply> answers;
  std::string closed;
  bool is_fenced = false;
  bool refused = false;
  bool is_gone = false; ///< before its session is found
  session_actor session;

  void deliver(const frame& event, urgency) override {
    frames.push_back(event);
  }

  void answer(const request_tag&, const reply& result) override {
    answers.push_back(result);
  }

  void close(std::string_view why) override {
    closed = why;
  }

  void fenced() override {
    is_fenced = true;
  }

  [[nodiscard]] connection_info info() const override {
    return who;
  }

  void recovered(const connection_info& earlier,
                 const session_actor& found) override {
    who = earlier;
    session = found;
    if (is_gone)
      caf::anon_send(session, client_gone{false, who.epoch});
  }

  void not_recovered() override {
    refused = true;
  }

  /// What the client would say if it came back now.
  [[nodiscard]] heard_so_far position() const {
    if (frames.empty())
      return {};
    auto& last = static_cast<const told_event&>(*frames.back());
    return {last.id(), last.others};
  }

  /// All events of one type that were told, in order.
  template <class T>
  [[nodiscard]] std::vector<T> heard() const {
    std::vector<T> result;
    for (auto& x : frames)
      if (auto* event
          = std::get_if<T>(&static_cast<const told_event&>(*x).event))
        result.push_back(*event);
    return result;
  }

  /// Texts of the messages that were told, in order.
  [[nodiscard]] std::vector<std::string> texts() const {
    std::vector<std::string> result;
    for (auto& x : heard<client_event::message>())
      result.push_back(x.content->text);
    return result;
  }
};

/// The disk, as the test wants it.
struct disk {
  std::unique_ptr<store> backend = make_memory_store({});
  bool slow = false;   ///< appends wait until `let_through`
  bool full = false;   ///< appends are refused
  bool silent = false; ///< rooms are not loaded
  std::size_t kept = 0;
  std::size_t refused = 0; ///< appends
  std::deque<append> waiting;
  std::set<room_id> ahead;

  void handle(append& x) {
    if (slow)
      waiting.push_back(std::move(x));
    else
      finish(x);
  }

  void finish(append& x) {
    appended result;
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

  void let_through() {
    slow = false;
    while (!waiting.empty()) {
      finish(waiting.front());
      waiting.pop_front();
    }
  }
};

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
      on([this](append& x) { disk_.handle(x); }),
      on([this](const load_room& x) {
        if (disk_.silent)
          return;
        disk_.ahead.erase(x.room);
        auto room = disk_.backend->load(x.room);
        send(x.from, room_loaded{true, std::move(room.events), room.last});
      }),
      on([](const room_ended&) {}),
      on([this](const keep_session& x) { change(x); }),
      on([this](const forget_session& x) { change(x); }),
      on([](const commit_batch&) {}),
      on([](const wake_up&) {}),
      on([this](const page_query& x) { return disk_.backend->read(x); }),
      on([this](const find_session& x) {
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

struct house;

/// Somebody with a connection.
struct guest {
  house& at;
  std::shared_ptr<recording_port> port = std::make_shared<recording_port>();
  session_actor session;
  room_id room{};
  user_id id{};
  std::string token;

  explicit guest(house& where);

  /// Sends a request; nothing happens until the house runs.
  template <class T>
  void send(T request) {
    caf::anon_send(session, request_tag{"test", 1}, std::move(request));
  }

  /// Sends a request and gives the answer, if there is one by now.
  template <class T>
  std::optional<reply> ask(T request);

  /// The code of the refusal; none if it was granted.
  template <class T>
  std::optional<errc> refusal(T request);

  guest& hosts(host_request request);
  guest& joins(room_id where, std::string name, role as = role::participant);
  std::optional<reply> says(std::string text, std::string client_id = {});

  /// The connection is lost, or ended with a word.
  void goes(bool clean);
};

struct house {
  settings limits;
  virtual_clock clock;
  plain_encoder encoder;
  const event_encoder& speaks; ///< `encoder`, unless somebody wants another
  limit_counts met;
  disk storage;
  runtime::directory directory;
  caf::actor_system_config config;
  std::optional<caf::actor_system> system;
  event_store_actor store;
  registry_actor registry;
  hub_actor hub;
  reviver_actor reviver; ///< with recovery only
  std::uint64_t next_session = 1;

  explicit house(const settings& wanted = {},
                 const event_encoder* other = nullptr)
    : limits(wanted),
      speaks(other != nullptr ? *other : encoder) {
    config.set("scheduler.policy", caf::atom("testing"));
    config.set("logger.file-verbosity", caf::atom("quiet"));
    config.set("logger.verbosity", caf::atom("quiet"));
    system.emplace(config);
    system->await_actors_before_shutdown(false);
    start();
  }

  ~house() {
    end();
    system.reset();
  }

  house(const house&) = delete;
  house& operator=(const house&) = delete;

  [[nodiscard]] runtime::placement place() {
    return {clock, directory, nullptr};
  }

  void start() {
    store = system->spawn<disk_actor>(place(), storage);
    registry = system->spawn<observer::registry>(
      place(),
      registry_services{
        limits, speaks, store, {place()}, storage.backend->index(), met});
    hub = system->spawn<observer::hub>(place(), limits, speaks);
    if (limits.recovery_window)
      reviver = system->spawn<observer::reviver>(
        place(), reviver_services{limits, speaks, registry, store, hub,
                                  [this](client_port_ptr port) {
                                    return make_session(std::move(port));
                                  }});
    run();
  }

  /// A session that the hub does not remember yet.
  client_ref make_session(client_port_ptr port) {
    session_id number{next_session++};
    caf::anon_send(hub, attach_client{number, port});
    auto key = make_session_key(limits, *port);
    auto actor = system->spawn<observer::session>(
      place(), session_services{limits, speaks, registry, hub, store, met},
      number, std::move(port), key);
    return {number, actor, hub, key};
  }

  /// All actors end, as if the process had.
  void end() {
    run();
    for (auto& info : directory.list())
      if (auto actor
          = caf::actor_cast<caf::actor>(directory.address_of(info.id)))
        caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
    run();
    store = nullptr;
    registry = nullptr;
    hub = nullptr;
    reviver = nullptr;
  }

  void run() {
    dynamic_cast<caf::scheduler::test_coordinator&>(system->scheduler()).run();
  }

  void pass(std::chrono::milliseconds time) {
    do {
      time = clock.pass(time);
      run();
    } while (time.count() > 0);
  }

  /// Ends an actor as a bug would.
  template <class Handle>
  void fail(const Handle& whom) {
    caf::anon_send_exit(whom, caf::exit_reason::unhandled_exception);
    run();
  }

  [[nodiscard]] caf::actor find(std::string_view kind) {
    for (auto& info : directory.list())
      if (info.kind == kind)
        return caf::actor_cast<caf::actor>(directory.address_of(info.id));
    return {};
  }

  template <class Answer, class Query>
  Answer query(Query what) {
    return query<Answer>(std::move(what), registry);
  }

  template <class Answer, class Query, class Handle>
  Answer query(Query what, const Handle& whom);
};

inline guest::guest(house& where) : at(where) {
  auto number = std::to_string(where.next_session);
  port->who.socket_id = "socket " + number;
  port->who.address = "10.0.0.1";
  if (where.limits.recovery_window)
    port->who.recovery_id = "secret " + number;
  auto made = where.make_session(port);
  session = made.actor;
  if (made.key)
    caf::anon_send(where.hub, remember_client{made.session, made.actor, {}});
  where.run();
}

template <class T>
std::optional<reply> guest::ask(T request) {
  auto before = port->answers.size();
  send(std::move(request));
  at.run();
  if (port->answers.size() == before)
    return std::nullopt;
  return port->answers.back();
}

template <class T>
std::optional<errc> guest::refusal(T request) {
  auto answer = ask(std::move(request));
  if (answer)
    if (auto* no = std::get_if<failure>(&*answer))
      return no->code;
  return std::nullopt;
}

inline guest& guest::hosts(host_request request) {
  auto answer = ask(std::move(request));
  auto& granted = std::get<entered>(answer.value());
  room = granted.room;
  id = granted.user;
  token = granted.token;
  return *this;
}

inline guest& guest::joins(room_id where, std::string name, role as) {
  join_request request;
  request.room = where;
  request.name = std::move(name);
  request.role = as;
  auto answer = ask(std::move(request));
  auto& granted = std::get<entered>(answer.value());
  room = granted.room;
  id = granted.user;
  token = granted.token;
  return *this;
}

inline std::optional<reply> guest::says(std::string text,
                                        std::string client_id) {
  message_request request;
  request.room = room;
  request.text = std::move(text);
  if (!client_id.empty())
    request.client_id = std::move(client_id);
  return ask(std::move(request));
}

inline void guest::goes(bool clean) {
  caf::anon_send(session, client_gone{clean, port->who.epoch});
  session = nullptr;
  at.run();
}

template <class Answer, class Query, class Handle>
Answer house::query(Query what, const Handle& whom) {
  caf::scoped_actor self{*system, true};
  std::optional<Answer> result;
  auto pending = self->request(whom, caf::infinite, std::move(what));
  run();
  pending.receive([&](Answer& x) { result = std::move(x); },
                  [](caf::error&) {});
  return std::move(result.value());
}

} // namespace observer::actor_tests
