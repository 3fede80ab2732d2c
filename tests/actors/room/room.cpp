#include "tests/actors/room/support.hpp"

#define CAF_SUITE actors.room.room
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;

namespace {

settings without_rates() {
  settings result;
  result.rate_limits = false;
  result.client_ids = 400;
  return result;
}

struct naming_fixture : room_of_two {
  naming_fixture() : room_of_two(without_rates()) {
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(room_tests, room_of_two)

CAF_TEST(a message that is sent again is kept once) {
  auto first = as_posted(ada.says("hello", "c1"));
  auto again = as_posted(ada.says("hello", "c1"));
  CAF_CHECK_EQUAL(first.seq, again.seq);
  CAF_CHECK(first.sent_at == again.sent_at);
  CAF_CHECK_EQUAL(as_posted(ben.says("mine", "c1")).seq, 2u);
  CAF_CHECK(ben.port->texts() == (texts{"hello", "mine"}));
}

CAF_TEST(sent again before the first is stored it waits for the first) {
  storage.slow = true;
  CAF_CHECK(!ada.says("hello", "c1"));
  CAF_CHECK(!ada.says("hello", "c1"));
  storage.let_through();
  run();
  CAF_REQUIRE_GREATER_OR_EQUAL(ada.port->answers.size(), 3u);
  CAF_CHECK_EQUAL(as_posted(ada.port->answers.back()).seq, 1u);
  CAF_CHECK(ben.port->texts() == texts{"hello"});
}

CAF_TEST(a direct message is heard by its two ends only) {
  guest cleo{*this};
  cleo.joins(ada.room, "Cleo");
  message_request request;
  request.text = "psst";
  request.to = ben.id;
  CAF_CHECK(!ada.refusal(request));
  CAF_CHECK(ada.port->texts() == texts{"psst"});
  CAF_CHECK(ben.port->texts() == texts{"psst"});
  CAF_CHECK(cleo.port->texts().empty());
  auto page = std::get<message_page>(cleo.ask(history_request{}).value());
  CAF_CHECK(page.messages.empty());
}

CAF_TEST(when the host leaves the longest there follows) {
  ada.goes(true);
  auto changed = ben.port->heard<client_event::host_changed>();
  CAF_REQUIRE_EQUAL(changed.size(), 1u);
  CAF_CHECK(changed[0].host.id == ben.id);
  CAF_CHECK(!ben.refusal(close_request{}));
  CAF_CHECK(!shown());
}

CAF_TEST(the one longest there is host whatever the clock says) {
  clock.set_by = -std::chrono::hours{1};
  guest cleo{*this};
  cleo.joins(ada.room, "Cleo");
  CAF_CHECK(!ada.refusal(leave_request{}));
  auto room = shown();
  CAF_CHECK(room->host.id == ben.id);
  CAF_CHECK(room->participants.back().id == cleo.id);
  CAF_CHECK(room->participants.back().joined_at
            >= room->participants.front().joined_at);
}

CAF_TEST(times of a room do not run backwards) {
  auto first = as_posted(ada.says("one"));
  clock.set_by = -std::chrono::hours{1};
  auto second = as_posted(ada.says("two"));
  CAF_CHECK(second.sent_at >= first.sent_at);
  CAF_MESSAGE("also over a restart");
  end();
  clock.set_by = -std::chrono::hours{2};
  start();
  guest again{*this};
  CAF_CHECK(!again.refusal(rejoin_request{ada.room, ada.token, {}}));
  again.room = ada.room;
  CAF_CHECK(as_posted(again.says("three")).sent_at >= second.sent_at);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(naming_room_tests, naming_fixture)

CAF_TEST(a name is remembered however many others come behind it) {
  auto first = as_posted(ada.says("once", "k"));
  for (int i = 0; i < 300; ++i)
    ada.says("another", "other " + std::to_string(i));
  CAF_CHECK_EQUAL(as_posted(ada.says("once", "k")).seq, first.seq);
}

CAF_TEST(who names too many is told so and none is forgotten) {
  for (int i = 0; i < 400; ++i)
    ada.says("x", "name " + std::to_string(i));
  CAF_CHECK(
    *ada.refusal(message_request{
      .room = {}, .text = "x", .data = {}, .to = {}, .client_id = "one more"})
    == errc::rate_limited);
  CAF_CHECK_EQUAL(met.client_ids.load(), 1u);
  CAF_CHECK_EQUAL(as_posted(ada.says("x", "name 0")).seq, 1u);
  CAF_CHECK_EQUAL(as_posted(ada.says("without a name")).seq, 401u);
  CAF_CHECK_EQUAL(as_posted(ben.says("his own", "one more")).seq, 402u);
  CAF_MESSAGE("those before the grace time make room");
  pass(limits.grace + seconds{61});
  CAF_CHECK_EQUAL(as_posted(ada.says("x", "one more")).seq, 403u);
}

CAF_TEST_FIXTURE_SCOPE_END()
