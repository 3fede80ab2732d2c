#include "actors/store/event_store.hpp"

#include "tests/actors/support.hpp"

#define CAF_SUITE actors.store.event_store
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;
using std::chrono::seconds;

namespace {

/// What the store was asked for, and what it is to say.
struct script {
  std::vector<std::size_t> batches;
  bool full = false;
  int probes = 0;
  std::function<void()> while_committing;
  std::set<session_key> sessions;
};

class scripted_store final : public store {
public:
  explicit scripted_store(script& play) : play_(play) {
  }

  [[nodiscard]] stored_rooms index() const override {
    return {};
  }

  void append(std::span<const room_append> rooms,
              std::span<const session_change> sessions) override {
    if (play_.full)
      throw store_error("full");
    play_.batches.push_back(rooms.size());
    if (play_.while_committing)
      play_.while_committing();
    for (auto& x : sessions) {
      if (auto* gone = std::get_if<store_message::forget_session>(&x))
        play_.sessions.erase(gone->key);
      else
        play_.sessions.insert(std::get<store_message::keep_session>(x).key);
    }
  }

  [[nodiscard]] stored_room load(room_id) const override {
    return {};
  }

  [[nodiscard]] room_past read(const past_query&) const override {
    return {};
  }

  [[nodiscard]] std::vector<session_key> sessions() const override {
    return {play_.sessions.begin(), play_.sessions.end()};
  }

  [[nodiscard]] stored_session_ptr
  find_session(const session_key& key) const override {
    if (!play_.sessions.contains(key))
      return nullptr;
    return std::make_shared<stored_session>();
  }

  [[nodiscard]] message_page read(const page_query&) const override {
    return {{}, true};
  }

  bool trim(const retention&, timestamp) override {
    return false;
  }

  void probe() override {
    ++play_.probes;
    if (play_.full)
      throw store_error("full");
  }

  void forget(room_id) override {
  }

  [[nodiscard]] store_snapshot snapshot() const override {
    return {"scripted", true, 0, 0, 0, 0};
  }

private:
  script& play_;
};

/// A room that only keeps what the store says.
class listening_room final : public runtime::inspectable<room_actor> {
public:
  listening_room(caf::actor_config& config, const runtime::placement& where,
                 std::vector<room_message::appended>& said, int& loaded)
    : inspectable(config, where, "room", "listening"),
      said_(said),
      loaded_(loaded) {
  }

  behavior_type make_behavior() override {
    return for_requests<member_request>([this]<class... Asked>(
                                          std::type_identity<Asked>...) {
      return for_requests<entry_request>([this]<class... Entry>(
                                           std::type_identity<Entry>...) {
        return behavior_type{
          [](session_id, Asked&, const reply_token&) {}...,
          [](const client_ref&, Entry&, const reply_token&) {}...,
          [](const get_snapshot&) -> actor_snapshot { return room_snapshot{}; },
          [](const client_ref&, host_request&, const reply_token&) {},
          [](const client_ref&, room_message::host_retry&, const reply_token&) {
          },
          [](const registry_message::find_room&, const reply_token&) {},
          [](const room_message::presence_change&) {},
          [](const room_message::goodbye&) {},
          [](const client_ref&, const room_message::resume_request&) {
            return false;
          },
          [](const room_message::describe_room&) { return room_data_ptr{}; },
          [this](room_message::appended& x) { said_.push_back(std::move(x)); },
          [this](const room_message::room_loaded&) { ++loaded_; },
          [](const wake_up&) {},
          [](const reading_request&) { return reading_right::refused; },
        };
      });
    });
  }

private:
  std::vector<room_message::appended>& said_;
  int& loaded_;
};

struct fixture : house {
  script play;
  store_health health;
  std::vector<room_message::appended> said;
  int loaded = 0;
  event_store_actor real;
  room_actor room;

  fixture() {
    begin({});
    room = system->spawn<listening_room>(place(), said, loaded);
    house::run();
  }

  /// Starts the store, as in another run of the server if there was one.
  void begin(std::optional<std::chrono::milliseconds> window) {
    if (real)
      caf::anon_send_exit(real, caf::exit_reason::user_shutdown);
    real = system->spawn<event_store>(place(),
                                      std::make_unique<scripted_store>(play),
                                      retention{}, window, health);
    house::run();
  }

  ~fixture() {
    for (auto& who :
         {caf::actor_cast<caf::actor>(real), caf::actor_cast<caf::actor>(room)})
      caf::anon_send_exit(who, caf::exit_reason::user_shutdown);
    real = nullptr;
    room = nullptr;
    house::run();
  }

  void ask(std::int64_t id, bool events = true, bool page = false) {
    store_message::append x{room_id{id}, {}, {}, room, {}};
    if (events)
      x.events.push_back(room_event::closed{});
    if (page)
      x.query = page_query{room_id{id}, {}, {}, 1, {}, {}};
    caf::anon_send(real, std::move(x));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(event_store_tests, fixture)

CAF_TEST(all that waits is kept by one commit) {
  for (int i = 0; i < 10; ++i)
    ask(1000 + i);
  run();
  CAF_CHECK(play.batches == std::vector<std::size_t>{10});
  CAF_CHECK_EQUAL(said.size(), 10u);
  ask(1000);
  run();
  CAF_CHECK_EQUAL(play.batches.size(), 2u);
}

CAF_TEST(reading goes on when writing does not ) {
  play.full = true;
  ask(1000);
  ask(1001, false, true);
  run();
  CAF_REQUIRE_EQUAL(said.size(), 2u);
  CAF_CHECK(!said[0].ok);
  CAF_CHECK(said[1].ok);
  CAF_CHECK(said[1].page.has_value());
  CAF_CHECK(!health.is_writable());
}

CAF_TEST(a room that was refused must load before it is heard again) {
  play.full = true;
  ask(1000);
  run();
  play.full = false;
  ask(1000);
  ask(1001);
  run();
  CAF_REQUIRE_EQUAL(said.size(), 3u);
  CAF_CHECK(!said[1].ok);
  CAF_CHECK(said[2].ok);
  caf::anon_send(real, store_message::load_room{room_id{1000}, room});
  ask(1000);
  run();
  CAF_CHECK_EQUAL(loaded, 1);
  CAF_CHECK(said.back().ok);
}

CAF_TEST(a store that refused is asked until it can again) {
  play.full = true;
  ask(1000);
  run();
  play.probes = 0;
  pass(seconds{3});
  CAF_CHECK_EQUAL(play.probes, 3);
  CAF_CHECK(!health.is_writable());
  play.full = false;
  pass(seconds{1});
  CAF_CHECK(health.is_writable());
  pass(seconds{10});
  CAF_CHECK_EQUAL(play.probes, 4);
}

CAF_TEST(a store that refuses at the start is asked until it does not ) {
  play.full = true;
  begin({});
  CAF_CHECK(!health.is_writable());
  play.full = false;
  pass(seconds{1});
  CAF_CHECK(health.is_writable());
}

CAF_TEST(a commit that is under way has an age) {
  monotonic::duration age{};
  play.while_committing = [&] {
    age = health.commit_age(clock.steady_now() + seconds{3});
  };
  ask(1000);
  run();
  CAF_CHECK(age == seconds{3});
  CAF_CHECK(health.commit_age(clock.steady_now() + seconds{3}) == seconds{0});
  play.full = true;
  ask(1000);
  run();
  CAF_CHECK(health.commit_age(clock.steady_now() + seconds{3}) == seconds{0});
}

CAF_TEST(sessions are kept in the same commit) {
  ask(1000);
  caf::anon_send(real, store_message::keep_session{session_key{1}, "a"});
  caf::anon_send(real, store_message::keep_session{session_key{2}, "b"});
  caf::anon_send(real, store_message::forget_session{session_key{1}});
  ask(1001);
  run();
  CAF_CHECK(play.batches == std::vector<std::size_t>{2});
  CAF_CHECK(play.sessions == std::set{session_key{2}});
}

CAF_TEST(sessions of an earlier run wait for the window and no longer) {
  for (unsigned char i = 1; i <= 250; ++i)
    for (unsigned char j = 1; j <= 8; ++j)
      play.sessions.insert(session_key{i, j});
  begin(seconds{60});
  pass(seconds{59});
  CAF_CHECK_EQUAL(play.sessions.size(), 2000u);
  caf::anon_send(real, store_message::keep_session{session_key{1, 1}, "back"});
  pass(seconds{2});
  CAF_CHECK(play.sessions == (std::set{session_key{1, 1}}));
}

CAF_TEST(a session that is over is forgotten even if the disk was full then) {
  begin(seconds{60});
  caf::anon_send(real, store_message::keep_session{session_key{1}, "a"});
  run();
  play.full = true;
  caf::anon_send(real, store_message::forget_session{session_key{1}});
  run();
  ask(1000);
  pass(seconds{3});
  CAF_CHECK_EQUAL(play.sessions.size(), 1u);
  play.full = false;
  pass(seconds{2});
  CAF_CHECK(play.sessions.empty());
}

CAF_TEST(only sessions of an earlier run are found) {
  play.sessions = {session_key{1}, session_key{2}};
  begin(seconds{60});
  caf::anon_send(real,
                 store_message::keep_session{session_key{3}, "of this run"});
  caf::anon_send(real, store_message::keep_session{session_key{2}, "back"});
  play.full = true; // over it is, though that cannot be stored
  caf::anon_send(real, store_message::forget_session{session_key{2}});
  run();
  for (unsigned char i = 1; i <= 3; ++i) {
    caf::scoped_actor self{*system, true};
    auto answer = self->request(real, caf::infinite,
                                store_message::find_session{session_key{i}});
    run();
    answer.receive(
      [&](const stored_session_ptr& x) { CAF_CHECK_EQUAL(!x, i != 1); },
      [](caf::error&) { CAF_FAIL("no answer"); });
  }
}

CAF_TEST(without recovery no session is kept) {
  play.sessions.insert(session_key{1});
  begin({});
  pass(seconds{1});
  CAF_CHECK(play.sessions.empty());
}

CAF_TEST(sessions are forgotten once the disk is not full any more) {
  play.sessions.insert(session_key{1});
  play.full = true;
  begin({});
  pass(seconds{5});
  CAF_CHECK_EQUAL(play.sessions.size(), 1u);
  play.full = false;
  pass(seconds{2});
  CAF_CHECK(play.sessions.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
