#include "tests/actors/room/support.hpp"

#define CAF_SUITE actors.room.telling
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;

namespace {

settings recovering() {
  settings result;
  result.recovery_window = seconds{120};
  result.grace = seconds{10};
  return result;
}

struct recovering_fixture : room_of_two {
  recovering_fixture() : room_of_two(recovering()) {
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(telling_tests, room_of_two)

CAF_TEST(nobody hears of a message before it is stored) {
  storage.slow = true;
  CAF_CHECK(!ada.says("hello"));
  CAF_CHECK(ada.port->texts().empty());
  CAF_CHECK(ben.port->texts().empty());
  storage.let_through();
  run();
  CAF_CHECK_EQUAL(as_posted(ada.port->answers.back()).seq, 1u);
  CAF_CHECK(ada.port->texts() == texts{"hello"});
  CAF_CHECK(ben.port->texts() == texts{"hello"});
}

CAF_TEST(what is not stored waits behind what is) {
  storage.slow = true;
  ada.says("first");
  activity_request typing;
  typing.kind = "typing";
  CAF_CHECK(!ben.ask(typing));
  CAF_CHECK(ada.port->frames.empty());
  storage.let_through();
  run();
  CAF_CHECK_EQUAL(ada.port->heard<client_event::activity>().size(), 1u);
  CAF_CHECK(std::holds_alternative<client_event::message>(
    static_cast<const told_event&>(*ada.port->frames.front()).event));
}

CAF_TEST(what nobody else hears is not even encoded) {
  activity_request typing;
  typing.kind = "typing";
  auto before = encoder.encoded;
  CAF_CHECK(ben.ask(typing));
  CAF_CHECK_EQUAL(encoder.encoded, before + 1);
  CAF_CHECK(ben.ask(leave_request{}));
  before = encoder.encoded;
  CAF_CHECK(ada.ask(typing));
  CAF_CHECK_EQUAL(encoder.encoded, before);
}

CAF_TEST(a refused append is never acknowledged and leaves no trace) {
  ada.says("kept");
  forget();
  storage.full = true;
  CAF_CHECK(ada.refusal(message_request{.text = "lost"}) == errc::unavailable);
  CAF_CHECK(ben.refusal(leave_request{}) == errc::unavailable);
  guest cleo{*this};
  join_request wish;
  wish.room = ada.room;
  wish.name = "Cleo";
  CAF_CHECK(cleo.refusal(wish) == errc::unavailable);
  CAF_CHECK(ada.port->texts().empty());
  CAF_CHECK(ben.port->heard<client_event::user_joined>().empty());
  CAF_CHECK_EQUAL(shown()->participants.size(), 2u);

  CAF_MESSAGE("and all goes on where it was once the disk has room");
  storage.full = false;
  CAF_CHECK_EQUAL(as_posted(ben.says("next")).seq, 2u);
  CAF_CHECK(ada.port->texts() == texts{"next"});
  cleo.joins(ada.room, "Cleo");
  CAF_CHECK_EQUAL(ben.port->heard<client_event::user_joined>().size(), 1u);
  CAF_CHECK(!ada.refusal(leave_request{}));
}

CAF_TEST(all that was decided on a refused append is taken back with it) {
  storage.slow = true;
  ada.says("one");
  ben.send(leave_request{});
  guest cleo{*this};
  join_request wish;
  wish.room = ada.room;
  wish.name = "Ben"; // free, if his leave holds
  cleo.send(wish);
  run();
  storage.full = true;
  storage.let_through();
  run();
  CAF_CHECK(refused(ada));
  CAF_CHECK(refused(ben));
  CAF_CHECK(refused(cleo));
  storage.full = false;
  CAF_MESSAGE("Ben is in the room still, and hears what is said");
  CAF_CHECK_EQUAL(as_posted(ada.says("two")).seq, 1u);
  CAF_CHECK(ben.port->texts() == texts{"two"});
  CAF_CHECK(cleo.port->texts().empty());
  CAF_CHECK(cleo.refusal(wish) == errc::name_taken);
}

CAF_TEST(a room that could not be stored is not there) {
  storage.full = true;
  guest cleo{*this};
  CAF_CHECK(cleo.refusal(host_request{.name = "Cleo"}) == errc::unavailable);
  pass(seconds{2});
  CAF_CHECK_EQUAL(
    query<room_page_ptr>(registry_message::list_rooms{})->rooms.size(), 1u);
  storage.full = false;
  cleo.hosts({.name = "Cleo"});
  CAF_CHECK(cleo.room > ada.room);
}

CAF_TEST(a restore point is stored now and then) {
  for (int i = 0; i < 600; ++i) {
    message_request request;
    request.text = "x";
    ada.send(request);
    if (i % 50 == 0)
      pass(seconds{10}); // stay within the rate
  }
  pass(seconds{10});
  CAF_REQUIRE_EQUAL(ben.port->texts().size(), 600u);
  auto events = storage.backend->load(ada.room).events;
  CAF_CHECK(std::holds_alternative<room_event::restored>(events.front()));
  CAF_CHECK_LESS(events.size(), 300u);
}

CAF_TEST(a refusal waits for what it was decided on) {
  storage.slow = true;
  ada.send(mute_request{{}, ben.id, true});
  run();
  CAF_CHECK(!ben.says("may I?"));
  guest cleo{*this};
  guest dora{*this};
  cleo.send(join_request{ada.room, "Cleo", {}, role::participant, {}});
  run();
  dora.send(join_request{ada.room, "Cleo", {}, role::participant, {}});
  guest eve{*this};
  eve.send(leave_request{ada.room});
  run();
  for (auto* who : {&dora, &eve})
    CAF_CHECK(who->port->answers.empty());
  refuse_what_waits();
  for (auto* who : {&ada, &ben, &cleo, &dora, &eve})
    CAF_CHECK(refused(*who));

  CAF_MESSAGE("and is told once that is stored");
  storage.slow = true;
  ada.send(close_request{});
  run();
  dora.send(rejoin_request{ada.room, "x", {}});
  run();
  CAF_CHECK_EQUAL(dora.port->answers.size(), 1u);
  storage.let_through();
  run();
  CAF_CHECK(refused(dora, errc::room_not_found));
}

CAF_TEST(nobody is told of a room that is not stored) {
  storage.slow = true;
  guest cleo{*this};
  cleo.send(host_request{.name = "Cleo"});
  run();
  guest dora{*this};
  dora.send(leave_request{room_id{to_number(ada.room) + 1}});
  run();
  CAF_CHECK(dora.port->answers.empty());
  refuse_what_waits();
  CAF_CHECK(refused(cleo));
  CAF_CHECK(refused(dora));
}

CAF_TEST(REST is shown what is stored) {
  guest cleo{*this};
  caf::scoped_actor self{*system, true};
  storage.slow = true;
  cleo.send(join_request{ada.room, "Cleo", {}, role::participant, {}});
  run();
  auto participants = [&] {
    auto room = self->request(registry, caf::infinite,
                              registry_message::find_room{ada.room});
    auto users = self->request(registry, caf::infinite,
                               registry_message::list_users{});
    run();
    return [this, room = std::move(room), users = std::move(users)]() mutable {
      std::size_t first = 0;
      std::size_t second = 0;
      room.receive(
        [&](const room_data_ptr& x) { first = x->participants.size(); },
        [](caf::error&) {});
      users.receive([&](const user_page_ptr& x) { second = x->users.size(); },
                    [](caf::error&) {});
      CAF_CHECK_EQUAL(first, second);
      return first;
    };
  };
  auto before = participants();
  refuse_what_waits();
  CAF_CHECK_EQUAL(before(), 2u);
  storage.slow = true;
  cleo.send(join_request{ada.room, "Cleo", {}, role::participant, {}});
  run();
  auto then = participants();
  storage.let_through();
  run();
  CAF_CHECK_EQUAL(then(), 3u);
}

CAF_TEST(a refused request does not touch the grace time of others) {
  pass(limits.grace * 2);
  ben.goes(false);
  pass(limits.grace / 2);
  storage.full = true;
  CAF_CHECK(ada.refusal(close_request{}) == errc::unavailable);
  CAF_CHECK(ada.refusal(kick_request{{}, ben.id, "", false})
            == errc::unavailable);
  storage.full = false;
  pass(limits.grace / 2 - milliseconds{1});
  CAF_CHECK(ada.port->heard<client_event::user_left>().empty());
  pass(milliseconds{1});
  CAF_CHECK_EQUAL(ada.port->heard<client_event::user_left>().size(), 1u);
}

CAF_TEST(after a refusal only what happened to connections is told) {
  storage.slow = true;
  ada.says("lost");
  ben.goes(false);
  CAF_CHECK(ada.port->frames.empty());
  refuse_what_waits();
  CAF_CHECK(refused(ada));
  CAF_REQUIRE_EQUAL(ada.port->frames.size(), 1u);
  auto seen = ada.port->heard<client_event::user_status>();
  CAF_REQUIRE_EQUAL(seen.size(), 1u);
  CAF_CHECK(seen[0].user.id == ben.id);
  CAF_CHECK(seen[0].user.status == presence::offline);
  forget();
  storage.full = true;
  for (int i = 0; i < 3; ++i)
    ada.says("lost as well");
  CAF_CHECK(ada.port->frames.empty());
}

CAF_TEST(whoever ends while it is shown out is seen to go if that was refused) {
  storage.slow = true;
  ada.send(kick_request{{}, ben.id, "", false});
  run();
  ben.goes(false);
  refuse_what_waits();
  auto seen = ada.port->heard<client_event::user_status>();
  CAF_REQUIRE_EQUAL(seen.size(), 1u);
  CAF_CHECK(seen[0].user.status == presence::offline);
  pass(limits.grace);
  auto left = ada.port->heard<client_event::user_left>();
  CAF_REQUIRE_EQUAL(left.size(), 1u);
  CAF_CHECK(left[0].reason == leave_reason::timeout);
}

CAF_TEST_FIXTURE_SCOPE_END()

CAF_TEST_FIXTURE_SCOPE(recovering_telling_tests, recovering_fixture)

CAF_TEST(a refused rejoin leaves who was away as it was) {
  ben.goes(false);
  storage.full = true;
  guest other{*this};
  CAF_CHECK(other.refusal(rejoin_request{ada.room, ben.token, {}})
            == errc::unavailable);
  CAF_CHECK(ada.refusal(kick_request{{}, ben.id, "", false})
            == errc::unavailable);
  storage.full = false;
  CAF_CHECK(shown()->participants.back().status == presence::offline);
  pass(limits.grace);
  CAF_CHECK_EQUAL(ada.port->heard<client_event::user_left>().size(), 1u);
}

CAF_TEST_FIXTURE_SCOPE_END()
