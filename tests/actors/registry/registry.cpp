#include "tests/actors/support.hpp"

#define CAF_SUITE actors.registry.registry
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;
using std::chrono::seconds;

namespace {

struct fixture : house {
  std::vector<std::int64_t> rooms(registry_message::list_rooms wanted = {}) {
    std::vector<std::int64_t> result;
    auto page = query<room_page_ptr>(wanted);
    for (auto& x : page->rooms)
      result.push_back(to_number(x.room->id));
    return result;
  }

  std::vector<std::int64_t> users(registry_message::list_users wanted = {}) {
    std::vector<std::int64_t> result;
    auto page = query<user_page_ptr>(wanted);
    for (auto& x : page->users)
      result.push_back(to_number(x.user.id));
    return result;
  }

  /// Asks, and looks at the answer later.
  template <class Answer, class Query>
  auto ask(Query what) {
    auto self = std::make_shared<caf::scoped_actor>(*system, true);
    auto pending = std::make_shared<decltype((*self)->request(
      registry, caf::infinite, what))>(
      (*self)->request(registry, caf::infinite, what));
    run();
    return [self, pending] {
      std::optional<Answer> result;
      pending->receive([&](Answer& x) { result = std::move(x); },
                       [](caf::error&) {});
      return std::move(result.value());
    };
  }
};

using ids = std::vector<std::int64_t>;

/// A `client_id` that nobody can guess.
const std::string secret = "2f6c9a58-2b1e-4c7d-9d5e-0c3f7a6b1e42";

host_request named(std::string client_id, std::string name = "Ada") {
  host_request result{.name = std::move(name)};
  result.client_id = std::move(client_id);
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(registry_tests, fixture)

CAF_TEST(rooms count from 1000 and users from 100 and never again) {
  guest ada{*this};
  ada.hosts({.name = "Ada"});
  CAF_CHECK_EQUAL(to_number(ada.room), 1000);
  CAF_CHECK_EQUAL(to_number(ada.id), 100);
  CAF_CHECK(!ada.refusal(close_request{}));
  ada.hosts({.name = "Ada"});
  CAF_CHECK_EQUAL(to_number(ada.room), 1001);
  CAF_CHECK_EQUAL(to_number(ada.id), 101);
}

CAF_TEST(lists are in order and can be paged) {
  CAF_CHECK(rooms().empty());
  CAF_CHECK(users().empty());
  std::vector<std::unique_ptr<guest>> guests;
  for (int i = 0; i < 5; ++i) {
    guests.push_back(std::make_unique<guest>(*this));
    guests.back()->hosts({.name = "Host"});
  }
  guest ben{*this};
  ben.joins(room_id{1001}, "Ben");
  CAF_CHECK(rooms() == (ids{1000, 1001, 1002, 1003, 1004}));
  CAF_CHECK(rooms({room_id{1001}, 2}) == (ids{1002, 1003}));
  CAF_CHECK(rooms({room_id{1004}, 2}).empty());
  CAF_CHECK(users() == (ids{100, 101, 102, 103, 104, 105}));
  CAF_CHECK(users({user_id{103}, 5}) == (ids{104, 105}));
  CAF_CHECK(users({std::nullopt, 2}) == (ids{100, 101}));
}

CAF_TEST(a page says where the next one begins) {
  guest ada{*this};
  for (int i = 0; i < 3; ++i)
    ada.hosts({.name = "Ada"});
  CAF_CHECK(query<room_page_ptr>(registry_message::list_rooms{{}, 2})->next
            == room_id{1001});
  CAF_CHECK(
    !query<room_page_ptr>(registry_message::list_rooms{room_id{1001}, 2})
       ->next);
  CAF_CHECK(query<user_page_ptr>(registry_message::list_users{{}, 2})->next
            == user_id{101});
  CAF_CHECK(
    !query<user_page_ptr>(registry_message::list_users{user_id{101}, 2})->next);
}

CAF_TEST(a room that does not answer is left out after five seconds) {
  guest ada{*this};
  for (int i = 0; i < 3; ++i)
    ada.hosts({.name = "Ada"});
  end();
  start();
  storage.silent = true; // the rooms must be loaded
  auto rooms = ask<room_page_ptr>(registry_message::list_rooms{});
  auto others = ask<user_page_ptr>(registry_message::list_users{});
  pass(seconds{4});
  guest ben{*this};
  ben.hosts({.name = "Ben"}); // is there at once, for who asks the rooms later
  pass(seconds{1});
  CAF_CHECK(rooms()->rooms.empty());
  pass(seconds{5});
  CAF_CHECK_EQUAL(others()->users.size(), 1u);
}

CAF_TEST(a room that fails is forgotten and its id not given again) {
  guest ada{*this};
  ada.hosts({.name = "Ada"});
  fail(find("room"));
  CAF_CHECK(rooms().empty());
  CAF_CHECK(!query<room_data_ptr>(registry_message::find_room{ada.room}));
  join_request wish;
  wish.room = ada.room;
  wish.name = "Ben";
  guest ben{*this};
  CAF_CHECK(ben.refusal(wish) == errc::room_not_found);
  ben.hosts({.name = "Ben"});
  CAF_CHECK(ben.room > ada.room);
}

CAF_TEST(rooms from one address are held to a rate) {
  guest ada{*this};
  limits.rooms_per_socket = 1000;
  std::size_t made = 0;
  for (int i = 0; i < 120; ++i)
    made += ada.refusal(host_request{.name = "Ada"}) ? 0 : 1;
  CAF_CHECK_EQUAL(made, 100u);
  CAF_CHECK(ada.refusal(host_request{.name = "Ada"}) == errc::rate_limited);
  pass(seconds{1});
  for (int i = 0; i < 10; ++i)
    made += ada.refusal(host_request{.name = "Ada"}) ? 0 : 1;
  CAF_CHECK_EQUAL(made, 105u);
  CAF_MESSAGE("another address has its own");
  guest ben{*this};
  ben.port->who.address = "10.0.0.2";
  CAF_CHECK(!ben.refusal(host_request{.name = "Ben"}));
}

// -- retries of `host` --------------------------------------------------------

CAF_TEST(a host that comes again gets the first answer and the room) {
  guest ada{*this};
  ada.hosts(named("c1"));
  ada.port->frames.clear();
  auto again = std::get<entered>(ada.ask(named("c1")).value());
  CAF_CHECK(again.room == ada.room);
  CAF_CHECK(again.user == ada.id);
  CAF_CHECK_EQUAL(again.token, ada.token);
  CAF_CHECK_EQUAL(ada.port->heard<client_event::room_data>().size(), 1u);
  CAF_CHECK_EQUAL(ada.port->frames.size(), 1u);
  CAF_CHECK(rooms() == ids{1000});
  CAF_MESSAGE("another one makes another room");
  ada.hosts(named("c2"));
  CAF_CHECK(rooms() == (ids{1000, 1001}));
  CAF_CHECK(!ada.refusal(host_request{.name = "Ada"}));
  CAF_CHECK(!ada.refusal(host_request{.name = "Ada"}));
  CAF_CHECK_EQUAL(rooms().size(), 4u);
}

CAF_TEST(sent again before the first host is stored it waits for the first) {
  storage.slow = true;
  guest ada{*this};
  ada.send(named(secret));
  ada.send(named(secret));
  guest other{*this};
  run();
  other.send(named(secret));
  run();
  CAF_CHECK(ada.port->answers.empty());
  CAF_CHECK(other.port->answers.empty());
  storage.let_through();
  run();
  CAF_REQUIRE_EQUAL(ada.port->answers.size(), 2u);
  CAF_REQUIRE_EQUAL(other.port->answers.size(), 1u);
  auto& first = std::get<entered>(ada.port->answers[0]);
  auto& taken = std::get<entered>(other.port->answers[0]);
  CAF_CHECK_EQUAL(taken.token, first.token);
  CAF_CHECK(rooms() == ids{1000});
}

CAF_TEST(from another socket a host that comes again takes the place over) {
  guest ada{*this};
  ada.hosts(named(secret));
  guest ben{*this};
  ben.joins(ada.room, "Ben");
  guest again{*this};
  again.hosts(named(secret));
  CAF_CHECK(again.room == ada.room);
  CAF_CHECK(again.id == ada.id);
  CAF_CHECK_EQUAL(again.token, ada.token);
  auto shown_out = ada.port->heard<client_event::kicked>();
  CAF_REQUIRE_EQUAL(shown_out.size(), 1u);
  CAF_CHECK_EQUAL(shown_out[0].reason, "replaced");
  CAF_CHECK(again.says("here"));
  CAF_CHECK(ben.port->texts() == std::vector<std::string>{"here"});
  CAF_CHECK(ada.port->texts().empty());
  CAF_CHECK(!again.refusal(mute_request{again.room, ben.id, true}));
}

CAF_TEST(a host whose first socket is gone comes back by a retry) {
  guest ada{*this};
  ada.hosts(named(secret));
  ada.goes(false);
  guest again{*this};
  again.hosts(named(secret));
  CAF_CHECK(again.id == ada.id);
  auto shown = query<room_data_ptr>(registry_message::find_room{ada.room});
  CAF_CHECK(shown->host.status == presence::online);
  CAF_MESSAGE("but not when it left");
  again.goes(true);
  guest later{*this};
  later.hosts(named(secret));
  CAF_CHECK(later.room != ada.room);
}

CAF_TEST(from another socket only the same host with a secret is a retry) {
  guest ada{*this};
  ada.hosts(named("c1"));
  ada.hosts(named(secret));
  guest ben{*this};
  ben.hosts(named("c1"));
  ben.hosts(named(secret, "Ben"));
  CAF_CHECK(rooms() == (ids{1000, 1001, 1002, 1003}));
  CAF_CHECK(ada.port->heard<client_event::kicked>().empty());
}

CAF_TEST(who is in the room already is not its host by a retry) {
  guest ada{*this};
  ada.hosts(named(secret));
  guest ben{*this};
  ben.joins(ada.room, "Ben");
  CAF_CHECK(ben.refusal(named(secret)) == errc::already_in_room);
}

CAF_TEST(who was shown the door does not come back by a retry) {
  guest ada{*this};
  ada.hosts(named(secret));
  guest ben{*this};
  ben.joins(ada.room, "Ben");
  configure_request pass_on;
  pass_on.host = ben.id;
  CAF_CHECK(!ada.refusal(pass_on));
  kick_request kick;
  kick.user = ada.id;
  CAF_CHECK(!ben.refusal(kick));
  CAF_CHECK(ada.refusal(named(secret)) == errc::bad_token);
}

CAF_TEST(a retry counts neither as a room made nor as one of the socket) {
  limits.rooms_per_socket = 1;
  limits.rooms.burst = 1;
  guest ada{*this};
  ada.hosts(named(secret));
  CAF_CHECK(!ada.refusal(named(secret)));
  CAF_CHECK(ada.refusal(named("c2")) == errc::too_large);
  CAF_CHECK_EQUAL(met.rooms_per_socket.load(), 1u);

  CAF_MESSAGE("but a socket that is full takes no place over");
  pass(seconds{1});
  guest ben{*this};
  ben.hosts({.name = "Ben"});
  CAF_CHECK(ben.refusal(named(secret)) == errc::too_large);
  CAF_CHECK_EQUAL(met.rooms_per_socket.load(), 2u);
}

CAF_TEST(a host that could not be stored may be sent again) {
  guest ada{*this};
  storage.full = true;
  CAF_CHECK(ada.refusal(named(secret)) == errc::unavailable);
  storage.full = false;
  ada.hosts(named(secret));
  CAF_CHECK_EQUAL(rooms().size(), 1u);
}

CAF_TEST(a host is remembered for the grace time) {
  guest ada{*this};
  ada.hosts(named("c1"));
  pass(limits.grace);
  ada.hosts(named("c1"));
  CAF_CHECK(rooms() == (ids{1000, 1001}));
}

CAF_TEST(after a restart rooms are served as they were) {
  guest ada{*this};
  ada.hosts({.name = "Ada"});
  ada.hosts({.name = "Ada"});
  ada.goes(false);
  end();
  start();
  CAF_CHECK(rooms() == (ids{1000, 1001}));
  guest ben{*this};
  ben.joins(room_id{1001}, "Ben");
  CAF_CHECK_EQUAL(to_number(ben.id), 102);
}

CAF_TEST_FIXTURE_SCOPE_END()
