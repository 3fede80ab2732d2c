#pragma once

#include "actors/runtime/inspectable.hpp"
#include "actors/server_actors.hpp"
#include "actors/store/backend/store.hpp"
#include "messages/hub.hpp"
#include "messages/limit_counts.hpp"
#include "messages/password_keeper.hpp"
#include "messages/registry.hpp"
#include "messages/room.hpp"
#include "messages/session.hpp"
#include "messages/settings.hpp"
#include "messages/store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
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
  std::chrono::milliseconds pass(std::chrono::milliseconds step);

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
    : encoded_event(id, 100, observer::is_room_update(what)),
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
                 const session_actor& found) override;

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
  std::deque<store_message::append> waiting;
  std::set<room_id> ahead;

  void handle(store_message::append& x);
  void finish(store_message::append& x);
  void let_through();
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

private:
  void take_place(const std::optional<reply>& answer);
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
  password_keeper_actor passwords;
  reviver_actor reviver; ///< with recovery only
  std::uint64_t next_guest = 1;
  std::optional<server_actors> actors;
  /// Of all guests: an actor whose last reference goes while nothing runs would
  /// say goodbye in the name of a worker that is gone.
  std::vector<session_actor> sessions;

  explicit house(const settings& wanted = {},
                 const event_encoder* other = nullptr);
  ~house();

  house(const house&) = delete;
  house& operator=(const house&) = delete;

  [[nodiscard]] runtime::placement place() {
    return {clock, directory, nullptr};
  }

  void start();

  /// All actors end, as if the process had.
  void end();

  void run();
  void pass(std::chrono::milliseconds time);

  /// Ends an actor as a bug would.
  template <class Handle>
  void fail(const Handle& whom) {
    caf::anon_send_exit(whom, caf::exit_reason::unhandled_exception);
    run();
  }

  [[nodiscard]] caf::actor find(std::string_view kind);

  template <class Answer, class Query>
  Answer query(Query what) {
    return query<Answer>(std::move(what), registry);
  }

  template <class Answer, class Query, class Handle>
  Answer query(Query what, const Handle& whom);
};

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
