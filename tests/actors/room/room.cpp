#include "tests/actors/support.hpp"

#define CAF_SUITE actors.room.room
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

  fixture() : fixture(settings{}) {
  }

  void forget() {
    ada.port->frames.clear();
    ben.port->frames.clear();
  }

  explicit fixture(const settings& wanted) : house(wanted) {
    ada.hosts({.name = "Ada"});
    ben.joins(ada.room, "Ben");
    forget();
  }

  room_data_ptr shown() {
    return query<room_data_ptr>(find_room{ada.room});
  }

  std::uint64_t failed() {
    return std::get<registry_snapshot>(query<actor_snapshot>(get_snapshot{}))
      .rooms_failed;
  }

  /// The store refuses all that it was given so far, and no more.
  void refuse_what_waits() {
    storage.full = true;
    storage.let_through();
    run();
    storage.full = false;
  }

  /// Whether the last answer is this refusal.
  static bool refused(const guest& who, errc code = errc::unavailable) {
    auto* no = std::get_if<failure>(&who.port->answers.back());
    return no != nullptr && no->code == code;
  }
};

settings recovering() {
  settings result;
  result.recovery_window = seconds{120};
  result.grace = seconds{10};
  return result;
}

struct recovering_fixture : fixture {
  recovering_fixture() : fixture(recovering()) {
  }
};

settings without_rates() {
  settings result;
  result.rate_limits = false;
  result.client_ids = 400;
  return result;
}

struct naming_fixture : fixture {
  naming_fixture() : fixture(without_rates()) {
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
  auto page = std::get<message_page>(cleo.ask(history_request{}).value());
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
    auto room = self->request(registry, caf::infinite, find_room{ada.room});
    auto users = self->request(registry, caf::infinite, list_users{});
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
  CAF_CHECK(*ada.refusal(close_request{}) == errc::unavailable);
  CAF_CHECK(*ada.refusal(kick_request{{}, ben.id, "", false})
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

CAF_TEST(whoever ends while it is shown out is seen to go if it was not ) {
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

CAF_TEST(a goodbye that waits to be stored comes before a return ) {
  storage.full = true;
  ben.goes(true);
  storage.full = false;
  guest again{*this};
  CAF_CHECK(*again.refusal(rejoin_request{ada.room, ben.token, {}})
            == errc::bad_token);
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

CAF_TEST_FIXTURE_SCOPE(recovering_room_tests, recovering_fixture)

CAF_TEST(a refused rejoin leaves who was away as it was) {
  ben.goes(false);
  storage.full = true;
  guest other{*this};
  CAF_CHECK(*other.refusal(rejoin_request{ada.room, ben.token, {}})
            == errc::unavailable);
  CAF_CHECK(*ada.refusal(kick_request{{}, ben.id, "", false})
            == errc::unavailable);
  storage.full = false;
  CAF_CHECK(shown()->participants.back().status == presence::offline);
  pass(limits.grace);
  CAF_CHECK_EQUAL(ada.port->heard<client_event::user_left>().size(), 1u);
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
