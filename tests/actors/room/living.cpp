#include "tests/actors/room/support.hpp"

#define CAF_SUITE actors.room.living
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;

CAF_TEST_FIXTURE_SCOPE(living_tests, room_of_two)

CAF_TEST(a lost connection keeps the place for the grace time) {
  ben.goes(false);
  auto seen = ada.port->heard<client_event::user_status>();
  CAF_REQUIRE_EQUAL(seen.size(), 1u);
  CAF_CHECK(seen[0].user.status == presence::offline);
  pass(limits.grace - milliseconds{1});
  CAF_CHECK(ada.port->heard<client_event::user_left>().empty());
  pass(milliseconds{1});
  auto left = ada.port->heard<client_event::user_left>();
  CAF_REQUIRE_EQUAL(left.size(), 1u);
  CAF_CHECK(left[0].reason == leave_reason::timeout);
  CAF_CHECK_EQUAL(shown()->participants.size(), 1u);
}

CAF_TEST(a place whose end cannot be kept is not asked for all the time) {
  ben.goes(false);
  storage.full = true;
  pass(limits.grace);
  CAF_CHECK_EQUAL(storage.refused, 1u);
  pass(seconds{5});
  CAF_CHECK_EQUAL(storage.refused, 6u);
  CAF_CHECK(ada.port->heard<client_event::user_left>().empty());
  storage.full = false;
  pass(seconds{1});
  CAF_CHECK_EQUAL(ada.port->heard<client_event::user_left>().size(), 1u);
}

CAF_TEST(a room ends when only observers are left) {
  guest eye{*this};
  eye.joins(ada.room, "Eye", role::observer);
  ada.goes(true);
  ben.goes(true);
  auto closed = eye.port->heard<client_event::room_closed>();
  CAF_REQUIRE_EQUAL(closed.size(), 1u);
  CAF_CHECK(closed[0].reason == close_reason::empty);
  pass(seconds{2});
  CAF_CHECK_EQUAL(directory.count("room"), 0u);
}

CAF_TEST(a room sleeps without anyone online and wakes as it was) {
  ada.says("hello", "c1");
  ada.goes(false);
  ben.goes(false);
  pass(seconds{40});
  auto kept = storage.kept;
  auto room = shown();
  CAF_REQUIRE_EQUAL(room->participants.size(), 2u);
  CAF_CHECK(room->host.status == presence::offline);
  CAF_CHECK_EQUAL(room->last_seq, 1u);
  guest again{*this};
  rejoin_request request;
  request.room = room->id;
  request.token = ada.token;
  CAF_CHECK(!again.refusal(request));
  again.room = room->id;
  CAF_CHECK_EQUAL(as_posted(again.says("hello", "c1")).seq, 1u);
  CAF_CHECK_EQUAL(storage.kept, kept);
  CAF_MESSAGE("the grace time of the other has not begun anew");
  pass(limits.grace - seconds{41});
  CAF_CHECK(again.port->heard<client_event::user_left>().empty());
  pass(seconds{2});
  CAF_CHECK_EQUAL(again.port->heard<client_event::user_left>().size(), 1u);
}

CAF_TEST(after a restart everybody is offline and has the grace time) {
  ada.says("hello");
  ada.goes(false);
  ben.goes(false);
  pass(limits.grace / 2);
  end();
  start();
  auto room = shown();
  CAF_REQUIRE(room != nullptr);
  CAF_CHECK(room->host.status == presence::offline);
  pass(limits.grace - seconds{1});
  CAF_CHECK_EQUAL(shown()->participants.size(), 2u);
  pass(seconds{2});
  CAF_CHECK(!shown());
  guest cleo{*this};
  cleo.hosts({.name = "Cleo"});
  CAF_CHECK(cleo.room > ada.room);
  CAF_CHECK(cleo.id > ben.id);
}

CAF_TEST(a session that fails is seen to go) {
  fail(ben.session);
  auto seen = ada.port->heard<client_event::user_status>();
  CAF_REQUIRE_EQUAL(seen.size(), 1u);
  CAF_CHECK(seen[0].user.id == ben.id);
  CAF_CHECK(!ben.port->closed.empty());
}

CAF_TEST(a room whose end waits for the store has not failed) {
  ada.goes(false);
  ben.goes(false);
  storage.slow = true;
  pass(limits.grace + seconds{60});
  storage.let_through();
  pass(seconds{2});
  CAF_CHECK_EQUAL(failed(), 0u);
  CAF_CHECK_EQUAL(directory.count("room"), 0u);
}

CAF_TEST(nor has one that nobody comes back to after a restart) {
  end();
  start();
  storage.slow = true;
  pass(limits.grace + seconds{60});
  storage.let_through();
  pass(seconds{2});
  CAF_CHECK_EQUAL(failed(), 0u);
  CAF_CHECK_EQUAL(directory.count("room"), 0u);
  CAF_CHECK(storage.backend->index().open.empty());
}

CAF_TEST(a close that waits while a grace time ends is a close) {
  ben.goes(false);
  pass(limits.grace - milliseconds{1});
  storage.slow = true;
  ada.send(close_request{});
  run();
  pass(seconds{5});
  storage.let_through();
  run();
  CAF_CHECK(std::holds_alternative<success>(ada.port->answers.back()));
  auto closed = ada.port->heard<client_event::room_closed>();
  CAF_REQUIRE_EQUAL(closed.size(), 1u);
  CAF_CHECK(closed[0].reason == close_reason::closed);
  pass(seconds{2});
  CAF_CHECK_EQUAL(failed(), 0u);
}

CAF_TEST(who says goodbye on a full disk leaves when there is room) {
  storage.full = true;
  ben.goes(true);
  pass(seconds{5});
  CAF_CHECK(ada.port->heard<client_event::user_left>().empty());
  CAF_CHECK_LESS(storage.refused, 8u);
  storage.full = false;
  pass(seconds{1});
  auto left = ada.port->heard<client_event::user_left>();
  CAF_REQUIRE_EQUAL(left.size(), 1u);
  CAF_CHECK(left[0].reason == leave_reason::left);
}

CAF_TEST_FIXTURE_SCOPE_END()
