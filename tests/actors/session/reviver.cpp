#include "actors/session/reviver.hpp"

#include "actors/domain/secret.hpp"
#include "tests/actors/support.hpp"

#define CAF_SUITE actors.session.reviver
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;
using std::chrono::seconds;

namespace {

using lines = std::vector<std::string>;

settings recovering() {
  settings result;
  result.recovery_window = seconds{60};
  result.rate_limits = false;
  return result;
}

struct fixture : house {
  fixture() : house(recovering()) {
  }

  /// The server ends without a word, and starts again.
  void restart() {
    end();
    start();
  }

  std::shared_ptr<recording_port> come_back(const std::string& secret,
                                            const heard_so_far& heard) {
    auto port = std::make_shared<recording_port>();
    caf::anon_send(hub,
                   hub_message::recover_client{secret, heard, port, reviver});
    run();
    return port;
  }

  /// `who` comes back over another connection.
  void come_back(guest& who) {
    who.port = come_back(who.port->who.recovery_id, who.port->position());
    who.session = who.port->session;
  }

  /// What is said from here on is lost on the way.
  static heard_so_far go_deaf(const guest& who) {
    return who.port->position();
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(reviver_tests, fixture)

CAF_TEST(after a restart a client has its socket and its room and hears what it
           missed) {
  guest ada{*this};
  guest ben{*this};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  ada.says("heard");
  auto heard = go_deaf(ben);
  ada.says("missed");
  message_request direct{.text = "for Ben"};
  direct.to = ben.id;
  ada.ask(direct);
  direct.text = "for Ada";
  direct.to = ada.id;
  ada.ask(direct);
  restart();
  come_back(ada);
  CAF_CHECK(ada.port->texts().empty());
  auto socket = ben.port->who.socket_id;
  ben.port = come_back(ben.port->who.recovery_id, heard);
  ben.session = ben.port->session;
  CAF_CHECK_EQUAL(ben.port->who.socket_id, socket);
  CAF_CHECK(ben.port->texts() == (lines{"missed", "for Ben"}));
  CAF_MESSAGE("everybody is shown who is there");
  auto seen = ben.port->heard<client_event::room_data>();
  CAF_REQUIRE_EQUAL(seen.size(), 1u);
  for (auto& x : seen[0].room->participants)
    CAF_CHECK(x.status == presence::online);
  auto told = ada.port->heard<client_event::user_status>();
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK(told[0].user.id == ben.id);
  CAF_MESSAGE("for good");
  pass(seconds{300});
  ben.says("still here");
  for (auto& port : {ada.port, ben.port}) {
    auto texts = port->texts();
    CAF_CHECK_EQUAL(texts.back(), "still here");
  }
}

CAF_TEST(and so it does after the next restart) {
  guest ada{*this};
  guest ben{*this};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  for (int i = 0; i < 4; ++i) {
    auto heard = go_deaf(ben);
    ada.says("missed " + std::to_string(i));
    restart();
    ben.port = come_back(ben.port->who.recovery_id, heard);
    CAF_CHECK(ben.port->texts() == lines{"missed " + std::to_string(i)});
    come_back(ada);
    CAF_CHECK(!ada.port->refused);
  }
}

CAF_TEST(a client that lost what it was told in reviving asks again) {
  guest ada{*this};
  guest ben{*this};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  auto heard = go_deaf(ben);
  ada.says("missed");
  restart();
  auto secret = ben.port->who.recovery_id;
  auto first = come_back(secret, heard);
  CAF_CHECK(first->texts() == lines{"missed"});
  auto second = come_back(secret, heard);
  CAF_CHECK(first->is_fenced);
  CAF_CHECK(second->texts() == lines{"missed"});
  auto third = come_back(secret, second->position());
  CAF_CHECK(third->texts().empty());
  CAF_CHECK(!third->refused);
  CAF_CHECK_EQUAL(directory.count("session"), 1u);
}

CAF_TEST(of two connections that ask at once the last one gets the session) {
  guest ben{*this};
  ben.hosts({.name = "Ben"});
  restart();
  auto first = std::make_shared<recording_port>();
  auto second = std::make_shared<recording_port>();
  for (auto& port : {first, second})
    caf::anon_send(hub, hub_message::recover_client{ben.port->who.recovery_id,
                                                    ben.port->position(), port,
                                                    reviver});
  run();
  CAF_CHECK(first->is_fenced);
  CAF_CHECK(!second->refused);
  CAF_CHECK_EQUAL(second->who.socket_id, ben.port->who.socket_id);
}

CAF_TEST(a client in several rooms hears of each what it missed) {
  guest ada{*this};
  guest ben{*this};
  ada.hosts({.name = "Ada"});
  auto tea = ada.room;
  ada.hosts({.name = "Ada"});
  auto coffee = ada.room;
  auto say = [&](room_id where, std::string text) {
    ada.room = where;
    ada.says(std::move(text));
  };
  ben.joins(tea, "Ben");
  say(tea, "t1");
  ben.joins(coffee, "Ben");
  say(coffee, "c1");
  say(coffee, "c2");
  say(tea, "t2");
  auto heard = go_deaf(ben);
  CAF_REQUIRE_EQUAL(heard.others.size(), 1u);
  say(tea, "t3");
  say(coffee, "c3");
  say(tea, "t4");
  restart();
  auto port = come_back(ben.port->who.recovery_id, heard);
  auto texts = port->texts();
  std::sort(texts.begin(), texts.end());
  CAF_CHECK(texts == (lines{"c3", "t3", "t4"}));
  CAF_MESSAGE("cut off anywhere in what it is told it misses nothing either");
  auto secret = ben.port->who.recovery_id;
  restart();
  for (std::size_t cut = 0; cut <= port->frames.size(); ++cut) {
    auto all = std::make_shared<recording_port>(*port);
    all->frames.resize(cut);
    auto next = come_back(secret, cut == 0 ? heard : all->position());
    CAF_REQUIRE(!next->refused);
    all->frames.insert(all->frames.end(), next->frames.begin(),
                       next->frames.end());
    texts = all->texts();
    std::sort(texts.begin(), texts.end());
    CAF_CHECK(texts == (lines{"c3", "t3", "t4"}));
    restart();
  }
}

CAF_TEST(
  a room that the client did not know to be in yet is told from its entry) {
  guest ada{*this};
  guest ben{*this};
  ada.hosts({.name = "Ada"});
  ada.says("before");
  auto heard = go_deaf(ben);
  ben.joins(ada.room, "Ben");
  ada.says("behind");
  restart();
  auto port = come_back(ben.port->who.recovery_id, heard);
  CAF_CHECK(port->texts() == lines{"behind"});
  CAF_REQUIRE(!port->frames.empty());
  auto& first = static_cast<const told_event&>(*port->frames[0]);
  CAF_CHECK(std::holds_alternative<client_event::room_data>(first.event));
}

CAF_TEST(a client in no room is given back its socket) {
  guest ben{*this};
  restart();
  auto port = come_back(ben.port->who.recovery_id, {});
  CAF_CHECK_EQUAL(port->who.socket_id, ben.port->who.socket_id);
  CAF_CHECK(port->frames.empty());
}

CAF_TEST(who does not come within the window after the start begins anew) {
  guest ben{*this};
  ben.hosts({.name = "Ben"});
  restart();
  pass(seconds{59});
  restart();
  pass(seconds{61});
  CAF_CHECK(
    come_back(ben.port->who.recovery_id, ben.port->position())->refused);
}

CAF_TEST(a session that is over is not brought back) {
  guest ada{*this};
  guest ben{*this};
  guest cara{*this};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  cara.joins(ada.room, "Cara");
  ben.goes(true);
  cara.goes(false);
  pass(seconds{61});
  restart();
  for (auto* who : {&ben, &cara})
    CAF_CHECK(
      come_back(who->port->who.recovery_id, who->port->position())->refused);
  CAF_CHECK_EQUAL(storage.backend->sessions().size(), 1u);
}

CAF_TEST(an offset that the session cannot have opens nothing) {
  guest ada{*this};
  guest ben{*this};
  ada.hosts({.name = "Ada"});
  ada.says("not for Ben");
  ben.joins(ada.room, "Ben");
  restart();
  auto good = ben.port->position();
  auto early = good;
  early.last.rev = 1;
  auto late = good;
  late.last.rev += 1000;
  auto elsewhere = good;
  elsewhere.last.room = room_id{4711};
  auto one_more = good;
  one_more.others.push_back({room_id{4711}, 1});
  for (auto& wrong : {early, late, elsewhere, one_more})
    CAF_CHECK(come_back(ben.port->who.recovery_id, wrong)->refused);
  CAF_CHECK(come_back("another secret", good)->refused);
}

CAF_TEST(a refused session leaves nothing behind) {
  guest ada{*this};
  guest ben{*this};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  restart();
  come_back(ada);
  auto wrong = ben.port->position();
  wrong.last.rev += 1000;
  CAF_CHECK(come_back(ben.port->who.recovery_id, wrong)->refused);
  CAF_CHECK_EQUAL(directory.count("session"), 1u);
  guest again{*this};
  CAF_CHECK(!again.refusal(rejoin_request{ada.room, ben.token, {}}));
  CAF_CHECK(again.port->heard<client_event::kicked>().empty());
}

CAF_TEST(the store holds no secret of a session) {
  guest ben{*this};
  auto keys = storage.backend->sessions();
  CAF_REQUIRE_EQUAL(keys.size(), 1u);
  CAF_CHECK(keys[0] == domain::hash_token(ben.port->who.recovery_id));
}

CAF_TEST(a place that ran out is not passed over in silence) {
  limits.grace = seconds{10};
  guest ada{*this};
  guest ben{*this};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  restart();
  come_back(ada);
  pass(seconds{11});
  CAF_CHECK_EQUAL(ada.port->heard<client_event::user_left>().size(), 1u);
  CAF_CHECK(
    come_back(ben.port->who.recovery_id, ben.port->position())->refused);
}

CAF_TEST_FIXTURE_SCOPE_END()
