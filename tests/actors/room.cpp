#include "tests/actors/support.hpp"

#define CAF_SUITE actors.room
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;
using std::chrono::milliseconds;
using std::chrono::seconds;
using texts = std::vector<std::string>;

namespace {

/// A room with Ada as its host and Ben in it.
struct fixture : house {
  guest ada{*this};
  guest ben{*this};

  fixture() {
    ada.hosts({.name = "Ada"});
    ben.joins(ada.room, "Ben");
    forget();
  }

  void forget() {
    ada.port->frames.clear();
    ben.port->frames.clear();
  }

  room_data_ptr shown() {
    return query<room_data_ptr>(find_room{ada.room});
  }
};

posted as_posted(const std::optional<reply>& answer) {
  return std::get<posted>(answer.value());
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(room_tests, fixture)

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
  CAF_CHECK(*ada.refusal(message_request{.text = "lost"}) == errc::unavailable);
  CAF_CHECK(*ben.refusal(leave_request{}) == errc::unavailable);
  guest cleo{*this};
  join_request wish;
  wish.room = ada.room;
  wish.name = "Cleo";
  CAF_CHECK(*cleo.refusal(wish) == errc::unavailable);
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
  auto refused = [](const guest& who) {
    auto* no = std::get_if<failure>(&who.port->answers.back());
    return no != nullptr && no->code == errc::unavailable;
  };
  CAF_CHECK(refused(ada));
  CAF_CHECK(refused(ben));
  CAF_CHECK(refused(cleo));
  storage.full = false;
  CAF_MESSAGE("Ben is in the room still, and hears what is said");
  CAF_CHECK_EQUAL(as_posted(ada.says("two")).seq, 1u);
  CAF_CHECK(ben.port->texts() == texts{"two"});
  CAF_CHECK(cleo.port->texts().empty());
  CAF_CHECK(*cleo.refusal(wish) == errc::name_taken);
}

CAF_TEST(a room that could not be stored is not there) {
  storage.full = true;
  guest cleo{*this};
  CAF_CHECK(*cleo.refusal(host_request{.name = "Cleo"}) == errc::unavailable);
  pass(seconds{2});
  CAF_CHECK_EQUAL(query<room_page_ptr>(list_rooms{})->rooms.size(), 1u);
  storage.full = false;
  cleo.hosts({.name = "Cleo"});
  CAF_CHECK(cleo.room > ada.room);
}

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
  auto page = std::get<message_page>(*cleo.ask(history_request{}));
  CAF_CHECK(page.messages.empty());
}

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

CAF_TEST(a rejoin takes the place again and misses nothing) {
  ben.goes(false);
  ada.says("while he was away");
  guest again{*this};
  rejoin_request request;
  request.room = ada.room;
  request.token = ben.token;
  request.after = 0;
  auto granted = std::get<entered>(*again.ask(request));
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
  CAF_CHECK(*ben.refusal(message_request{.text = "me?"}) == errc::not_in_room);
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

CAF_TEST(when the host leaves the longest there follows) {
  ada.goes(true);
  auto changed = ben.port->heard<client_event::host_changed>();
  CAF_REQUIRE_EQUAL(changed.size(), 1u);
  CAF_CHECK(changed[0].host.id == ben.id);
  CAF_CHECK(!ben.refusal(close_request{}));
  CAF_CHECK(!shown());
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

CAF_TEST(a session that fails is seen to go) {
  fail(ben.session);
  auto seen = ada.port->heard<client_event::user_status>();
  CAF_REQUIRE_EQUAL(seen.size(), 1u);
  CAF_CHECK(seen[0].user.id == ben.id);
  CAF_CHECK(!ben.port->closed.empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
