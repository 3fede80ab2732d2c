#include "net/engineio/session.hpp"

#include "tests/net/engineio/support.hpp"

#define CAF_SUITE net.engineio.session
#include "tests/test.hpp"

using namespace observer::engineio;
using std::chrono::seconds;

CAF_TEST_FIXTURE_SCOPE(session_tests, session_fixture)

// -- polling ------------------------------------------------------------------

CAF_TEST(a poll waits until there is something to say) {
  poll();
  CAF_CHECK_EQUAL(done(), "");
  say("a");
  CAF_CHECK_EQUAL(done(), "poll(4a) ");
}

CAF_TEST(a poll fetches all that is queued) {
  say("a");
  say("b");
  CAF_CHECK_EQUAL(done(), "");
  CAF_CHECK_GREATER(under_test->queued_bytes(), 0u);
  poll();
  CAF_CHECK_EQUAL(done(), "poll(4a|4b) ");
  CAF_CHECK_EQUAL(under_test->queued_bytes(), 0u);
  poll();
  CAF_CHECK_EQUAL(done(), "");
}

CAF_TEST(an answer holds 16 packets and leaves the rest to the next) {
  for (int i = 0; i < 18; ++i)
    say("");
  poll();
  CAF_CHECK_EQUAL(done(), "poll(4|4|4|4|4|4|4|4|4|4|4|4|4|4|4|4) ");
  poll();
  CAF_CHECK_EQUAL(done(), "poll(4|4) ");
}

CAF_TEST(a message is not torn from its attachments by an answer) {
  std::vector<std::string> attachments(9);
  for (int i = 0; i < 2; ++i)
    under_test->send(outgoing::make_message("x", attachments));
  poll();
  CAF_CHECK_EQUAL(done(), "poll(4x|b|b|b|b|b|b|b|b|b) ");
  poll();
  CAF_CHECK_EQUAL(done(), "poll(4x|b|b|b|b|b|b|b|b|b) ");
}

CAF_TEST(a post delivers its messages in order) {
  post("4a\x1e"
       "bAQI=\x1e"
       "4b");
  CAF_CHECK_EQUAL(done(), "deliver(a) deliver!(\x01\x02) deliver(b) ");
}

CAF_TEST(a malformed post ends the session behind what came before) {
  post("4a\x1e"
       "9\x1e"
       "4b");
  CAF_CHECK_EQUAL(done(), "deliver(a) closed(parse error) ");
  CAF_CHECK(under_test->is_closed());
}

CAF_TEST(a second poll ends the session and the first poll) {
  poll();
  poll();
  CAF_CHECK_EQUAL(done(), "poll(1) closed(transport close) refused ");
}

CAF_TEST(a binary post is refused and ends the session) {
  post("4a", true);
  CAF_CHECK_EQUAL(done(), "closed(parse error) refused ");
}

CAF_TEST(a post is held while input is) {
  hold(true);
  CAF_CHECK_EQUAL(done(), "hold ");
  post("4a");
  CAF_CHECK_EQUAL(done(), "held ");
  CAF_MESSAGE("whoever lets go may be in the midst of something");
  hold(false);
  CAF_CHECK_EQUAL(done(), "");
  wait(milliseconds{0});
  CAF_CHECK_EQUAL(done(), "deliver(a) post go_on ");
  hold(false);
  post("4b");
  CAF_CHECK_EQUAL(done(), "deliver(b) ");
}

CAF_TEST(a post behind one that is held ends the session) {
  hold(true);
  post("4a");
  post("4b");
  CAF_CHECK_EQUAL(done(), "hold held post closed(parse error) refused ");
}

CAF_TEST(a malformed post that is held is answered before the end) {
  hold(true);
  post("9");
  hold(false);
  wait(milliseconds{0});
  CAF_CHECK_EQUAL(done(), "hold held post closed(parse error) ");
}

CAF_TEST(a broken poll ends the session) {
  poll();
  under_test->on_poll_lost();
  CAF_CHECK_EQUAL(done(), "closed(transport close) ");
}

// -- heartbeat ----------------------------------------------------------------

CAF_TEST(a ping goes out every interval as long as pongs come) {
  start(transport::websocket);
  for (int i = 0; i < 3; ++i) {
    wait(seconds{25} - milliseconds{1});
    CAF_CHECK_EQUAL(done(), "");
    wait(milliseconds{1});
    CAF_CHECK_EQUAL(done(), "ws(2) ");
    websocket_says("3");
  }
}

CAF_TEST(a missing pong ends the session when the timeout is over) {
  start(transport::websocket);
  wait(seconds{45} - milliseconds{1});
  CAF_CHECK_EQUAL(done(), "ws(2) ");
  wait(milliseconds{1});
  CAF_CHECK_EQUAL(done(), "closed(ping timeout) ");
}

CAF_TEST(the timeout counts from when the ping was due) {
  wait(seconds{40}); // nobody fetches the ping
  poll();
  CAF_CHECK_EQUAL(done(), "poll(2) ");
  wait(seconds{5});
  CAF_CHECK_EQUAL(done(), "closed(ping timeout) ");
}

CAF_TEST(the next ping counts from the pong) {
  start(transport::websocket);
  wait(seconds{30});
  CAF_CHECK_EQUAL(done(), "ws(2) ");
  websocket_says("3");
  wait(seconds{25} - milliseconds{1});
  CAF_CHECK_EQUAL(done(), "");
  wait(milliseconds{1});
  CAF_CHECK_EQUAL(done(), "ws(2) ");
}

CAF_TEST(messages are no pongs) {
  start(transport::websocket);
  wait(seconds{26});
  websocket_says("4a");
  CAF_CHECK_EQUAL(done(), "ws(2) deliver(a) ");
  wait(seconds{19});
  CAF_CHECK_EQUAL(done(), "closed(ping timeout) ");
}

CAF_TEST(a ping from the client ends the session) {
  post("2");
  CAF_CHECK_EQUAL(done(), "closed(parse error) ");
}

// -- websocket ----------------------------------------------------------------

CAF_TEST(a websocket sends and receives at once) {
  start(transport::websocket);
  say("a");
  websocket_says("4b");
  under_test->on_websocket_message("c", true, now);
  CAF_CHECK_EQUAL(done(), "ws(4a) deliver(b) deliver!(c) ");
  CAF_CHECK_EQUAL(under_test->queued_bytes(), 0u);
}

CAF_TEST(a websocket takes bytes in base64) {
  start(transport::websocket);
  websocket_says("bYWI=");
  CAF_CHECK_EQUAL(done(), "deliver!(ab) ");
  websocket_says("bYWI\n");
  CAF_CHECK_EQUAL(done(), "deliver!(ab) ");
  start(transport::websocket, protocol::v3);
  done();
  websocket_says("b4YWI=");
  CAF_CHECK_EQUAL(done(), "deliver!(ab) ");
}

CAF_TEST(packets that mean nothing here do no harm) {
  start(transport::websocket);
  for (auto* text : {"0", "5", "6", "3", "3probe"})
    websocket_says(text);
  CAF_CHECK_EQUAL(done(), "");
}

CAF_TEST(malformed packets and a lost connection end a websocket session) {
  for (auto* text : {"", "7", "2"}) {
    start(transport::websocket);
    websocket_says(text);
    CAF_CHECK_EQUAL(done(), "closed(parse error) ");
  }
  start(transport::websocket);
  under_test->on_websocket_closed();
  CAF_CHECK_EQUAL(done(), "closed(transport close) ");
}

// -- upgrade ------------------------------------------------------------------

CAF_TEST(a probe is answered and then takes over) {
  say("before");
  probe();
  say("between");
  probe_says("5");
  CAF_CHECK_EQUAL(done(), "adopt ws(4before) ws(4between) ");
  CAF_CHECK(under_test->current_transport() == transport::websocket);
  CAF_CHECK_EQUAL(under_test->queued_bytes(), 0u);
  say("after");
  CAF_CHECK_EQUAL(done(), "ws(4after) ");
}

CAF_TEST(a websocket may take over without a probe) {
  for (auto version : {protocol::v4, protocol::v3}) {
    start(transport::polling, version);
    say("before");
    CAF_REQUIRE(under_test->on_probe_opened(now));
    probe_says("5");
    CAF_CHECK_EQUAL(done(), "adopt ws(4before) ");
    CAF_CHECK(under_test->current_transport() == transport::websocket);
    websocket_says("4after");
    CAF_CHECK_EQUAL(done(), "deliver(after) ");
  }
}

CAF_TEST(a poll that waits when the probe takes over is ended) {
  probe();
  poll();
  probe_says("5");
  CAF_CHECK_EQUAL(done(), "poll(6) adopt ");
}

CAF_TEST(polls are ended with noops while a probe is under way) {
  poll();
  probe();
  wait(milliseconds{99});
  CAF_CHECK_EQUAL(done(), "");
  wait(milliseconds{1});
  CAF_CHECK_EQUAL(done(), "poll(6) ");
  poll(); // a client may poll again, and is told again
  wait(milliseconds{100});
  CAF_CHECK_EQUAL(done(), "poll(6) ");
}

CAF_TEST(polling goes on while a probe is under way) {
  probe();
  poll();
  say("a");
  CAF_CHECK_EQUAL(done(), "poll(4a) ");
  post("4b");
  CAF_CHECK_EQUAL(done(), "deliver(b) ");
}

CAF_TEST(a probe that says anything else is dropped and polling goes on) {
  for (auto* text : {"2", "2probe ", "5x", "4a", ""}) {
    CAF_REQUIRE(under_test->on_probe_opened(now));
    probe_says(text);
    CAF_CHECK_EQUAL(done(), "drop ");
  }
  probe();
  probe_says("2probe");
  CAF_CHECK_EQUAL(done(), "drop ");
  CAF_REQUIRE(under_test->on_probe_opened(now));
  under_test->on_probe_message("2probe", true, now);
  CAF_CHECK_EQUAL(done(), "drop ");
  say("a");
  poll();
  CAF_CHECK_EQUAL(done(), "poll(4a) ");
}

CAF_TEST(a probe that takes too long is dropped) {
  CAF_REQUIRE(under_test->on_probe_opened(now));
  wait(seconds{10} - milliseconds{1});
  CAF_CHECK_EQUAL(done(), "");
  wait(milliseconds{1});
  CAF_CHECK_EQUAL(done(), "drop_late ");
  probe();
  wait(seconds{10});
  CAF_CHECK_EQUAL(done(), "drop_late ");
  CAF_CHECK(!under_test->is_closed());
}

CAF_TEST(a probe that closes may be followed by another) {
  probe();
  under_test->on_probe_closed();
  CAF_CHECK_EQUAL(done(), "");
  probe();
}

CAF_TEST(one probe at a time and none on a websocket) {
  CAF_CHECK(under_test->on_probe_opened(now));
  CAF_CHECK(!under_test->on_probe_opened(now));
  start(transport::websocket);
  CAF_CHECK(!under_test->on_probe_opened(now));
  start(transport::polling);
  under_test->close(close_reason::slow_reader);
  CAF_CHECK(!under_test->on_probe_opened(now));
}

CAF_TEST(the heartbeat goes on during and after an upgrade) {
  wait(seconds{24});
  probe();
  probe_says("5");
  CAF_CHECK_EQUAL(done(), "adopt ");
  wait(seconds{1});
  CAF_CHECK_EQUAL(done(), "ws(2) ");
  wait(seconds{20});
  CAF_CHECK_EQUAL(done(), "closed(ping timeout) ");
}

// -- the end ------------------------------------------------------------------

CAF_TEST(a client that closes by post has its poll answered) {
  poll();
  post("1");
  CAF_CHECK_EQUAL(done(), "poll(6) closed(client close) ");
}

CAF_TEST(nothing is delivered behind a close packet) {
  post("4a\x1e"
       "1\x1e"
       "4b");
  CAF_CHECK_EQUAL(done(), "deliver(a) closed(client close) ");
}

CAF_TEST(closing tells the poll that waits) {
  poll();
  under_test->close(close_reason::server_close);
  CAF_CHECK_EQUAL(done(), "poll(1) closed(forced close) ");
}

CAF_TEST(what is queued goes out before the close) {
  say("last words");
  under_test->close(close_reason::server_close);
  CAF_CHECK_EQUAL(done(), "");
  post("4too late");
  say("too late");
  under_test->close(close_reason::server_close);
  poll();
  CAF_CHECK_EQUAL(done(), "poll(4last words|1) closed(forced close) ");
}

CAF_TEST(what is queued goes out before the close on a websocket as well) {
  say("last words");
  probe();
  under_test->close(close_reason::server_close);
  probe_says("5");
  CAF_CHECK_EQUAL(done(), "adopt ws(4last words) ws(1) closed(forced close) ");
}

CAF_TEST(a server that goes down breaks the line and says nothing) {
  poll();
  under_test->close(close_reason::going_away);
  CAF_CHECK_EQUAL(done(), "fail_poll closed(server shutting down) ");
  for (auto first : {transport::polling, transport::websocket}) {
    start(first);
    under_test->close(close_reason::going_away);
    CAF_CHECK_EQUAL(done(), "closed(server shutting down) ");
  }
}

CAF_TEST(a server that goes down waits for nobody) {
  say("last words");
  hold(true);
  post("4a");
  under_test->close(close_reason::server_close);
  CAF_CHECK_EQUAL(done(), "hold held ");
  under_test->close(close_reason::going_away);
  CAF_CHECK_EQUAL(done(), "post closed(server shutting down) ");
}

CAF_TEST(a slow reader is not waited for) {
  say("a");
  under_test->close(close_reason::slow_reader);
  CAF_CHECK_EQUAL(done(), "closed(slow reader) ");
}

CAF_TEST(a client that does not fetch the last words times out) {
  say("last words");
  under_test->close(close_reason::server_close);
  wait(seconds{45});
  CAF_CHECK_EQUAL(done(), "closed(ping timeout) ");
}

CAF_TEST(a probe ends with its session) {
  probe();
  under_test->close(close_reason::server_close);
  CAF_CHECK_EQUAL(done(), "drop closed(forced close) ");
}

CAF_TEST(a closed session neither says nor hears anything) {
  under_test->close(close_reason::server_close);
  CAF_CHECK_EQUAL(done(), "closed(forced close) ");
  say("a");
  post("4a");
  under_test->on_websocket_message("4a", false, now);
  under_test->on_websocket_closed();
  under_test->on_time(now + seconds{100});
  under_test->on_poll_lost();
  under_test->close(close_reason::flooding);
  CAF_CHECK_EQUAL(done(), "refused ");
}

// -- protocol 3 ---------------------------------------------------------------

CAF_TEST(in version 3 the client pings) {
  start(transport::polling, protocol::v3);
  poll();
  post("1:2");
  CAF_CHECK_EQUAL(done(), "poll(1:3) ");
  wait(seconds{44});
  CAF_CHECK_EQUAL(done(), "");
  post("1:2");
  poll();
  CAF_CHECK_EQUAL(done(), "poll(1:3) ");
  poll();
  wait(seconds{45});
  CAF_CHECK_EQUAL(done(), "poll(1:1) closed(ping timeout) ");
}

CAF_TEST(in version 3 a payload has lengths) {
  start(transport::polling, protocol::v3);
  post("6:4hello4:b4AQ");
  CAF_CHECK_EQUAL(done(), "deliver(hello) deliver!(\x01) ");
  post("6:4hello4:b5AQ");
  CAF_CHECK_EQUAL(done(), "deliver(hello) closed(parse error) ");
}

CAF_TEST(in version 3 the upgrade is the same) {
  start(transport::polling, protocol::v3);
  poll();
  probe();
  wait(milliseconds{100});
  CAF_CHECK_EQUAL(done(), "poll(1:6) ");
  say("x");
  probe_says("5");
  CAF_CHECK_EQUAL(done(), "adopt ws(4x) ");
  websocket_says("2");
  CAF_CHECK_EQUAL(done(), "ws(3) ");
}

CAF_TEST_FIXTURE_SCOPE_END()
