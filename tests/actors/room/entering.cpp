#include "tests/actors/room/support.hpp"

#define CAF_SUITE actors.room.entering
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;

CAF_TEST_FIXTURE_SCOPE(entering_tests, room_of_two)

CAF_TEST(a rejoin takes the place again and misses nothing) {
  ben.goes(false);
  ada.says("while he was away");
  guest again{*this};
  rejoin_request request;
  request.room = ada.room;
  request.token = ben.token;
  request.after = 0;
  auto granted = std::get<entered>(again.ask(request).value());
  CAF_CHECK(granted.user == ben.id);
  CAF_REQUIRE_EQUAL(granted.page->messages.size(), 1u);
  pass(limits.grace * 2);
  CAF_CHECK(ada.port->heard<client_event::user_left>().empty());
  again.room = ada.room;
  CAF_CHECK_EQUAL(as_posted(again.says("back")).seq, 2u);
}

CAF_TEST(with a rejoin the socket before it is shown out) {
  guest again{*this};
  rejoin_request request;
  request.room = ada.room;
  request.token = ben.token;
  CAF_CHECK(!again.refusal(request));
  auto kicked = ben.port->heard<client_event::kicked>();
  CAF_REQUIRE_EQUAL(kicked.size(), 1u);
  CAF_CHECK_EQUAL(kicked[0].reason, "replaced");
  CAF_CHECK(ben.refusal(message_request{.text = "me?"}) == errc::not_in_room);
}

CAF_TEST(a page of history ends where the joiner begins to hear) {
  ada.says("before");
  storage.slow = true;
  guest cleo{*this};
  join_request wish;
  wish.room = ada.room;
  wish.name = "Cleo";
  wish.history = 10;
  cleo.send(wish);
  run();
  ada.says("meanwhile");
  storage.let_through();
  run();
  auto& page = *std::get<entered>(cleo.port->answers.back()).page;
  CAF_REQUIRE_EQUAL(page.messages.size(), 1u);
  CAF_CHECK_EQUAL(page.messages[0]->text, "before");
  CAF_CHECK(cleo.port->texts() == texts{"meanwhile"});
}

CAF_TEST(a goodbye that waits to be stored comes before a rejoin) {
  storage.full = true;
  ben.goes(true);
  storage.full = false;
  guest again{*this};
  CAF_CHECK(again.refusal(rejoin_request{ada.room, ben.token, {}})
            == errc::bad_token);
}

CAF_TEST_FIXTURE_SCOPE_END()
