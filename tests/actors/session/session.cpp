#include "actors/session/session.hpp"

#include "tests/actors/support.hpp"

#define CAF_SUITE actors.session.session
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

settings with(void (*change)(settings&)) {
  settings result;
  change(result);
  return result;
}

std::size_t granted(const guest& who) {
  std::size_t result = 0;
  for (auto& x : who.port->answers)
    if (!std::holds_alternative<failure>(x))
      ++result;
  return result;
}

} // namespace

CAF_TEST(all of a session that messages touch is prefetched) {
  house at;
  guest ada{at};
  auto* self = dynamic_cast<session*>(
    caf::actor_cast<caf::abstract_actor*>(ada.session));
  CAF_REQUIRE(self != nullptr);
  const auto* from
    = reinterpret_cast<const char*>(static_cast<caf::resumable*>(self));
  const auto* begin = reinterpret_cast<const char*>(self);
  // In front of it are the control of CAF's mailbox and what never changes.
  CAF_CHECK(begin + 64 >= from + runtime::loop::prefetch_begin);
  CAF_CHECK(begin + sizeof(session) <= from + runtime::loop::prefetch_end);
}

CAF_TEST(requests behind an entry wait for its outcome) {
  house at;
  guest ada{at};
  at.storage.slow = true;
  ada.send(host_request{.name = "Ada"});
  ada.send(message_request{.text = "first"});
  ada.send(leave_request{});
  ada.send(message_request{.text = "too late"});
  at.run();
  CAF_CHECK(ada.port->answers.empty());
  at.storage.let_through();
  at.run();
  CAF_REQUIRE_EQUAL(ada.port->answers.size(), 4u);
  CAF_CHECK(std::holds_alternative<entered>(ada.port->answers[0]));
  CAF_CHECK(std::holds_alternative<posted>(ada.port->answers[1]));
  CAF_CHECK(std::holds_alternative<success>(ada.port->answers[2]));
  CAF_CHECK(std::get<failure>(ada.port->answers[3]).code == errc::not_in_room);
}

CAF_TEST(messages beyond the burst are refused until time has passed) {
  house at{with([](settings& x) { x.messages = {2, 3}; })};
  guest ada{at};
  ada.hosts({.name = "Ada"});
  for (int i = 0; i < 3; ++i)
    CAF_CHECK(std::holds_alternative<posted>(ada.says("x").value()));
  CAF_CHECK(ada.refusal(message_request{.text = "x"}) == errc::rate_limited);
  CAF_MESSAGE("other requests are not counted");
  CAF_CHECK(!ada.refusal(history_request{}));
  at.pass(milliseconds{500});
  CAF_CHECK(!ada.refusal(message_request{.text = "x"}));
  CAF_CHECK(ada.refusal(message_request{.text = "x"}) == errc::rate_limited);
}

CAF_TEST(without rate limits nothing is refused) {
  house at{with([](settings& x) {
    x.rate_limits = false;
    x.messages.burst = 1;
  })};
  guest ada{at};
  ada.hosts({.name = "Ada"});
  for (int i = 0; i < 20; ++i)
    ada.says("x");
  CAF_CHECK_EQUAL(granted(ada), 21u);
}

CAF_TEST(a socket enters no more rooms than it may) {
  house at{with([](settings& x) { x.rooms_per_socket = 2; })};
  guest ada{at};
  ada.hosts({.name = "Ada"});
  ada.hosts({.name = "Ada"});
  CAF_CHECK(ada.refusal(host_request{.name = "Ada"}) == errc::too_large);
  leave_request leave;
  leave.room = ada.room;
  CAF_CHECK(!ada.refusal(leave));
  CAF_CHECK(!ada.refusal(host_request{.name = "Ada"}));
}

CAF_TEST(without a room_id the only room is meant) {
  house at;
  guest ada{at};
  CAF_CHECK(ada.refusal(message_request{.text = "x"}) == errc::not_in_room);
  ada.hosts({.name = "Ada"});
  CAF_CHECK(!ada.refusal(message_request{.text = "x"}));
  ada.hosts({.name = "Ada"});
  CAF_CHECK(ada.refusal(message_request{.text = "x"}) == errc::bad_request);
}

CAF_TEST(a room that is not there and one of others are told apart) {
  house at;
  guest ada{at};
  guest ben{at};
  ada.hosts({.name = "Ada"});
  message_request request;
  request.text = "x";
  request.room = ada.room;
  CAF_CHECK(ben.refusal(request) == errc::not_in_room);
  request.room = room_id{4711};
  CAF_CHECK(ben.refusal(request) == errc::room_not_found);
}

CAF_TEST(when a room fails its members are told and may go on) {
  house at;
  guest ada{at};
  ada.hosts({.name = "Ada"});
  at.storage.slow = true;
  ada.send(message_request{.text = "on its way"});
  at.run();
  at.fail(at.find("room"));
  auto closed = ada.port->heard<client_event::room_closed>();
  CAF_REQUIRE_EQUAL(closed.size(), 1u);
  CAF_CHECK(closed[0].reason == close_reason::failed);
  CAF_CHECK(std::get<failure>(ada.port->answers.back()).code
            == errc::unavailable);
  at.storage.slow = false;
  CAF_CHECK(!ada.refusal(host_request{.name = "Ada"}));
}

CAF_TEST(a clean end leaves all rooms) {
  house at;
  guest ada{at};
  guest ben{at};
  ada.hosts({.name = "Ada"});
  auto first = ada.room;
  ada.hosts({.name = "Ada"});
  ben.joins(first, "Ben");
  ben.joins(ada.room, "Ben");
  ben.goes(true);
  auto left = ada.port->heard<client_event::user_left>();
  CAF_REQUIRE_EQUAL(left.size(), 2u);
  CAF_CHECK(left[0].reason == leave_reason::left);
  CAF_CHECK_EQUAL(at.directory.count("session"), 1u);
}

CAF_TEST(a clean end waits for an entry that is under way) {
  house at;
  guest ada{at};
  guest ben{at};
  ada.hosts({.name = "Ada"});
  at.storage.slow = true;
  join_request wish;
  wish.room = ada.room;
  wish.name = "Ben";
  ben.send(wish);
  ben.goes(true);
  at.storage.let_through();
  at.run();
  CAF_CHECK_EQUAL(ada.port->heard<client_event::user_joined>().size(), 1u);
  CAF_CHECK_EQUAL(ada.port->heard<client_event::user_left>().size(), 1u);
}

// -- connection state recovery ------------------------------------------------

namespace {

settings recovering() {
  return with([](settings& x) { x.recovery_window = seconds{60}; });
}

/// Asks for the session of a connection that was lost.
std::shared_ptr<recording_port> come_back(house& at, const std::string& secret,
                                          const event_id& last = {}) {
  auto port = std::make_shared<recording_port>();
  caf::anon_send(
    at.hub, hub_message::recover_client{secret, {last, {}}, port, at.reviver});
  at.run();
  return port;
}

event_id last_id(const recording_port& port) {
  return port.frames.empty() ? event_id{} : port.frames.back()->id();
}

} // namespace

CAF_TEST(a session waits for its client and gives it what it missed) {
  house at{recovering()};
  guest ada{at};
  guest ben{at};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  ada.says("heard");
  auto heard = last_id(*ben.port);
  ada.says("on the way when the line broke");
  ben.goes(false);
  CAF_CHECK_EQUAL(ada.port->heard<client_event::user_status>().size(), 1u);
  ada.says("missed");
  auto port = come_back(at, ben.port->who.recovery_id, heard);
  CAF_CHECK_EQUAL(port->who.socket_id, ben.port->who.socket_id);
  CAF_CHECK(
    port->texts()
    == (std::vector<std::string>{"on the way when the line broke", "missed"}));
  CAF_CHECK(port->heard<client_event::user_status>().empty());
  auto seen = ada.port->heard<client_event::user_status>();
  CAF_REQUIRE_EQUAL(seen.size(), 2u);
  CAF_CHECK(seen[1].user.status == presence::online);
  CAF_MESSAGE("it is in its rooms still, for good");
  at.pass(seconds{300});
  ada.says("live");
  auto texts = port->texts();
  CAF_CHECK_EQUAL(texts.back(), "live");
}

CAF_TEST(after the window the session is gone) {
  house at{recovering()};
  guest ada{at};
  guest ben{at};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  ben.goes(false);
  at.pass(seconds{59});
  CAF_CHECK_EQUAL(at.directory.count("session"), 2u);
  at.pass(seconds{2});
  CAF_CHECK_EQUAL(at.directory.count("session"), 1u);
  CAF_CHECK(come_back(at, ben.port->who.recovery_id)->refused);
  CAF_MESSAGE("the place stays for the grace time since the loss");
  at.pass(seconds{58});
  CAF_CHECK(ada.port->heard<client_event::user_left>().empty());
  at.pass(seconds{2});
  CAF_CHECK_EQUAL(ada.port->heard<client_event::user_left>().size(), 1u);
}

CAF_TEST(the second connection fences the first) {
  house at{recovering()};
  guest ada{at};
  ada.hosts({.name = "Ada"});
  auto port = come_back(at, ada.port->who.recovery_id, last_id(*ada.port));
  CAF_CHECK(ada.port->is_fenced);
  CAF_CHECK(!port->refused);
  ada.says("x");
  CAF_CHECK(ada.port->texts().empty());
  CAF_CHECK_EQUAL(port->texts().size(), 1u);
}

CAF_TEST(an offset that was never given recovers nothing) {
  house at{recovering()};
  guest ada{at};
  ada.hosts({.name = "Ada"});
  ada.goes(false);
  auto wrong = last_id(*ada.port);
  ++wrong.life;
  CAF_CHECK(come_back(at, ada.port->who.recovery_id, wrong)->refused);
  CAF_CHECK(come_back(at, "another secret", {})->refused);
}

CAF_TEST(a connection that is gone before it has the session does not keep it) {
  house at{recovering()};
  guest ada{at};
  guest ben{at};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  ben.goes(false);
  auto port = std::make_shared<recording_port>();
  port->is_gone = true;
  caf::anon_send(at.hub, hub_message::recover_client{ben.port->who.recovery_id,
                                                     {last_id(*ben.port), {}},
                                                     port,
                                                     at.reviver});
  at.run();
  auto seen = ada.port->heard<client_event::user_status>();
  CAF_REQUIRE(!seen.empty());
  CAF_CHECK(seen.back().user.status == presence::offline);
  CAF_MESSAGE("the client may come back for it all the same");
  ada.says("missed");
  auto next = come_back(at, ben.port->who.recovery_id, last_id(*ben.port));
  CAF_CHECK(next->texts() == std::vector<std::string>{"missed"});
  caf::anon_send(next->session,
                 session_message::client_gone{false, next->who.epoch});
  at.run();
  at.pass(seconds{61});
  CAF_CHECK_EQUAL(at.directory.count("session"), 1u);
}

CAF_TEST(the end of an earlier connection is no news to the session) {
  house at{recovering()};
  guest ada{at};
  guest ben{at};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  auto port = come_back(at, ben.port->who.recovery_id, last_id(*ben.port));
  ben.goes(false); // noticed late, on another loop
  CAF_CHECK(ada.port->heard<client_event::user_status>().empty());
  ada.says("for the second");
  CAF_CHECK_EQUAL(port->texts().size(), 1u);
  at.pass(seconds{300});
  CAF_CHECK_EQUAL(at.directory.count("session"), 2u);
}

CAF_TEST(a session that ends takes the connection with it that it has) {
  house at{recovering()};
  guest ada{at};
  ada.hosts({.name = "Ada"});
  auto port = std::make_shared<recording_port>();
  CAF_MESSAGE("the client leaves by one connection and asks by another");
  caf::anon_send(ada.session, session_message::client_gone{true});
  caf::anon_send(at.hub, hub_message::recover_client{ada.port->who.recovery_id,
                                                     {last_id(*ada.port), {}},
                                                     port,
                                                     at.reviver});
  at.run();
  CAF_CHECK(port->refused || !port->closed.empty());
  CAF_MESSAGE("and so does one that fails");
  guest ben{at};
  at.fail(ben.session);
  CAF_CHECK(!ben.port->closed.empty());
  at.pass(seconds{61}); // until then the store may bring it back
  CAF_CHECK(come_back(at, ben.port->who.recovery_id)->refused);
}

CAF_TEST(whose place ran out meanwhile has to begin anew) {
  house at{with([](settings& x) {
    x.recovery_window = seconds{60};
    x.grace = seconds{10};
  })};
  guest ada{at};
  guest ben{at};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  ben.goes(false);
  at.pass(seconds{11});
  CAF_CHECK_EQUAL(ada.port->heard<client_event::user_left>().size(), 1u);
  ada.says("not for Ben");
  CAF_CHECK(
    come_back(at, ben.port->who.recovery_id, last_id(*ben.port))->refused);
  CAF_MESSAGE("who comes in time has it");
  guest cara{at};
  cara.joins(ada.room, "Cara");
  cara.goes(false);
  at.pass(seconds{9});
  auto port = std::make_shared<recording_port>();
  caf::anon_send(at.hub, hub_message::recover_client{cara.port->who.recovery_id,
                                                     {last_id(*cara.port), {}},
                                                     port,
                                                     at.reviver});
  at.run();
  at.pass(seconds{2});
  ada.says("to all");
  CAF_CHECK(port->texts() == std::vector<std::string>{"to all"});
}

CAF_TEST(who was shown offline while away is told that it is online) {
  house at{recovering()};
  guest ada{at};
  guest ben{at};
  ada.hosts({.name = "Ada"});
  ben.joins(ada.room, "Ben");
  ben.goes(false);
  configure_request change;
  change.room = ada.room;
  change.name = "Renamed";
  ada.ask(change);
  auto port = come_back(at, ben.port->who.recovery_id, last_id(*ben.port));
  auto shown = port->heard<client_event::room_data>();
  CAF_REQUIRE_EQUAL(shown.size(), 1u);
  CAF_CHECK(shown[0].room->participants.back().status == presence::offline);
  auto told = port->heard<client_event::user_status>();
  CAF_REQUIRE_EQUAL(told.size(), 1u);
  CAF_CHECK(told[0].user.id == ben.id);
  CAF_CHECK(told[0].user.status == presence::online);
  CAF_CHECK_EQUAL(ada.port->heard<client_event::user_status>().size(), 2u);
  CAF_MESSAGE("once");
  ben.session = port->session;
  ben.port = port;
  ben.goes(false);
  auto again = come_back(at, port->who.recovery_id, last_id(*port));
  CAF_CHECK(again->heard<client_event::user_status>().empty());
}
