#include "net/engineio/flood_guard.hpp"

#include "tests/net/engineio/support.hpp"

#include <algorithm>

#define CAF_SUITE net.engineio.flood_guard
#include "tests/test.hpp"

using namespace observer::engineio;
using std::chrono::seconds;

namespace {

/// The payload of a POST with messages `a`, `b`, and so on.
std::string messages(int count) {
  std::string result;
  for (int i = 0; i < count; ++i) {
    result += i == 0 ? "4"
                     : "\x1e"
                       "4";
    result.push_back(static_cast<char>('a' + i % 26));
  }
  return result;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(flood_guard_tests, session_fixture)

CAF_TEST(input is held when the burst is gone until it is paid for) {
  options.rates.packets = {10, 3};
  start(transport::websocket);
  for (int i = 0; i < 3; ++i)
    websocket_says("4a");
  CAF_CHECK_EQUAL(done(), "deliver(a) deliver(a) deliver(a) ");
  websocket_says("4b");
  CAF_CHECK_EQUAL(done(), "packets deliver(b) ");
  CAF_CHECK(under_test->holds_input());
  wait(milliseconds{99});
  CAF_CHECK_EQUAL(done(), "");
  wait(milliseconds{1});
  CAF_CHECK_EQUAL(done(), "go_on ");
  CAF_CHECK(!under_test->holds_input());
  websocket_says("4c");
  CAF_CHECK_EQUAL(done(), "packets deliver(c) ");
}

CAF_TEST(what was read beyond the rate is owed) {
  options.rates.packets = {10, 3};
  start(transport::websocket);
  for (int i = 0; i < 8; ++i) // the transport had read them already
    websocket_says("6");
  CAF_CHECK_EQUAL(done(), "packets ");
  wait(milliseconds{499});
  CAF_CHECK_EQUAL(done(), "");
  wait(milliseconds{1});
  CAF_CHECK_EQUAL(done(), "go_on ");
}

CAF_TEST(whoever is over the rate of packets for too long is closed) {
  start(transport::websocket);
  auto began = now;
  auto packets = 0;
  while (!under_test->is_closed()) {
    for (; !under_test->holds_input(); ++packets)
      websocket_says("6");
    wait(milliseconds{1});
  }
  CAF_CHECK(now - began <= milliseconds{5'020});
  CAF_CHECK(now - began >= seconds{5});
  CAF_CHECK(packets >= 990 && packets <= 1010);
  CAF_CHECK(done().ends_with("closed(flooding) "));
}

CAF_TEST(pauses of a flood do not make it another one) {
  start(transport::websocket);
  auto began = now;
  while (!under_test->is_closed()) {
    // Some at a time as TCP lets them through, with 15 ms between.
    for (int i = 0; i < 50 && !under_test->is_closed(); ++i) {
      while (under_test->holds_input() && !under_test->is_closed())
        wait(milliseconds{1});
      if (!under_test->is_closed())
        websocket_says("6");
    }
    wait(milliseconds{15});
  }
  CAF_CHECK(now - began <= milliseconds{5'600});
}

CAF_TEST(whoever keeps to the rate is never closed whatever it began with) {
  start(transport::websocket);
  for (int i = 0; i < 500; ++i)
    websocket_says("6");
  CAF_CHECK_EQUAL(done(), "");
  for (int i = 0; i < 100; ++i) {
    for (int n = 0; n < 100; ++n) {
      wait(milliseconds{10});
      websocket_says(n == 0 ? "3" : "6");
    }
  }
  CAF_CHECK(!under_test->is_closed());
  CAF_CHECK(done().find("packets") == std::string::npos);
}

CAF_TEST(too many bytes are waited for and nobody is closed for them) {
  options.rates.bytes = {1000, 5000};
  start(transport::websocket);
  for (int i = 0; i < 30; ++i) {
    websocket_says("4" + std::string(6000, 'x'));
    websocket_says("3");
    auto said = done();
    CAF_CHECK(said.starts_with("bytes deliver("));
    wait(seconds{6});
    CAF_CHECK_EQUAL(done(), "go_on ");
  }
}

CAF_TEST(a post is read no faster than the rate allows) {
  options.rates.packets = {10, 2};
  post(messages(5));
  CAF_CHECK_EQUAL(done(), "deliver(a) deliver(b) packets deliver(c) held ");
  CAF_CHECK(under_test->holds_input());
  wait(milliseconds{100});
  CAF_CHECK_EQUAL(done(), "deliver(d) ");
  wait(milliseconds{100});
  CAF_CHECK_EQUAL(done(), "deliver(e) ");
  CAF_CHECK(under_test->holds_input());
  wait(milliseconds{100});
  CAF_CHECK_EQUAL(done(), "post go_on ");
}

CAF_TEST(whoever posts too much for too long is closed) {
  options.rates = {.packets = {10, 2}, .patience = seconds{1}};
  auto began = now;
  post(messages(100));
  wait(seconds{10});
  CAF_CHECK(under_test->is_closed());
  auto said = done();
  CAF_CHECK(said.ends_with("post closed(flooding) "));
  auto delivered = std::count(said.begin(), said.end(), '(') - 1;
  CAF_CHECK(delivered >= 12 && delivered <= 14);
  CAF_CHECK(now - began == seconds{10});
}

CAF_TEST(a post waits where the application pauses) {
  on_deliver = [this](std::string_view data) {
    if (data == "b" || data == "c")
      hold(true);
  };
  post(messages(4));
  CAF_CHECK_EQUAL(done(), "deliver(a) deliver(b) hold held ");
  wait(seconds{1});
  CAF_CHECK_EQUAL(done(), "");
  hold(false);
  CAF_CHECK_EQUAL(done(), "");
  wait(milliseconds{0});
  CAF_CHECK_EQUAL(done(), "deliver(c) ");
  CAF_CHECK(under_test->holds_input());
  hold(false);
  wait(milliseconds{0});
  CAF_CHECK_EQUAL(done(), "deliver(d) post go_on ");
  CAF_CHECK(!under_test->holds_input());
}

CAF_TEST(the application and the rate hold input until both let go) {
  options.rates.packets = {10, 1};
  start(transport::websocket);
  websocket_says("4a");
  websocket_says("4b");
  CAF_CHECK_EQUAL(done(), "deliver(a) packets deliver(b) ");
  hold(true);
  wait(milliseconds{100});
  CAF_CHECK_EQUAL(done(), "");
  CAF_CHECK(under_test->holds_input());
  hold(false);
  CAF_CHECK_EQUAL(done(), "go_on ");
  hold(true);
  CAF_CHECK_EQUAL(done(), "hold ");
  websocket_says("4c");
  websocket_says("4d");
  hold(false);
  CAF_CHECK_EQUAL(done(), "deliver(c) deliver(d) ");
  wait(milliseconds{200});
  CAF_CHECK_EQUAL(done(), "go_on ");
}

CAF_TEST(a session that ends forgets the rest of its post) {
  options.rates.packets = {10, 1};
  post(messages(4));
  CAF_CHECK_EQUAL(done(), "deliver(a) packets deliver(b) held ");
  under_test->close(close_reason::server_close);
  CAF_CHECK_EQUAL(done(), "post closed(forced close) ");
  wait(seconds{1});
  hold(true);
  hold(false);
  CAF_CHECK_EQUAL(done(), "");
}

CAF_TEST_FIXTURE_SCOPE_END()
