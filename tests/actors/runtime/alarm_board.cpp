#include "actors/runtime/alarm_board.hpp"

#define CAF_SUITE actors.runtime.alarm_board
#include "tests/test.hpp"

using namespace observer;
using namespace observer::runtime;
using namespace std::chrono_literals;

namespace {

const alarm_details slow_room{"room", "room 1000", 1, "wake_up", 17, 130};

struct fixture {
  std::vector<std::string> lines;
  alarm_board board{[this](const std::string& line) { lines.push_back(line); }};
  alarm_board::time_point now{1h};

  std::uint64_t count(alarm_kind what) {
    std::uint64_t result = 0;
    for (auto& x : board.counts())
      if (x.what == what)
        result += x.count;
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(alarm_board_tests, fixture)

CAF_TEST(an alarm is told and counted once however often it is raised) {
  for (int i = 0; i < 5; ++i)
    board.raise(alarm_kind::slow_handler, 42, slow_room, now - 130ms, now);
  CAF_REQUIRE_EQUAL(lines.size(), 1U);
  CAF_CHECK_EQUAL(lines[0],
                  "alarm.begin alarm=slow_handler actor=42 kind=room "
                  "name=\"room 1000\" loop=1 message=wake_up sender=17 ms=130");
  CAF_CHECK_EQUAL(count(alarm_kind::slow_handler), 1U);
  auto raised = board.raised();
  CAF_REQUIRE_EQUAL(raised.size(), 1U);
  CAF_CHECK_EQUAL(raised[0].subject, 42U);
  CAF_CHECK(raised[0].since == now - 130ms);
}

CAF_TEST(its end says how long it was) {
  board.raise(alarm_kind::slow_handler, 42, slow_room, now - 130ms, now);
  board.clear(alarm_kind::slow_handler, 42, now + 70ms);
  CAF_REQUIRE_EQUAL(lines.size(), 2U);
  CAF_CHECK_EQUAL(lines[1],
                  "alarm.over alarm=slow_handler actor=42 kind=room "
                  "name=\"room 1000\" loop=1 message=wake_up sender=17 ms=200");
  CAF_CHECK(board.raised().empty());
  board.clear(alarm_kind::slow_handler, 42, now + 80ms);
  CAF_CHECK_EQUAL(lines.size(), 2U);
}

CAF_TEST(one that has passed is one line unless it was on) {
  board.passed(alarm_kind::slow_handler, 42, slow_room, now);
  CAF_REQUIRE_EQUAL(lines.size(), 1U);
  CAF_CHECK(lines[0].starts_with("alarm.passed alarm=slow_handler actor=42 "));
  board.raise(alarm_kind::slow_handler, 7, slow_room, now, now);
  board.passed(alarm_kind::slow_handler, 7, slow_room, now);
  CAF_CHECK_EQUAL(lines.size(), 2U);
  CAF_CHECK_EQUAL(count(alarm_kind::slow_handler), 2U);
}

CAF_TEST(the log is not flooded and says what is missing) {
  for (std::uint64_t i = 0; i < 100; ++i)
    board.passed(alarm_kind::slow_handler, i, slow_room, now);
  CAF_CHECK_EQUAL(lines.size(), 20U);
  CAF_CHECK_EQUAL(count(alarm_kind::slow_handler), 100U);
  board.raise(alarm_kind::stuck_loop, 0, slow_room, now, now);
  CAF_CHECK_EQUAL(lines.size(), 21U); // of another kind
  lines.pop_back();
  board.passed(alarm_kind::slow_handler, 1, slow_room, now + 1s);
  CAF_REQUIRE_EQUAL(lines.size(), 21U);
  CAF_CHECK(lines[20].ends_with(" left_out=80"));
}

CAF_TEST(a client is told by its address) {
  const alarm_details client{"websocket", "192.0.2.7", -1, "", 0, 600'000};
  board.raise(alarm_kind::slow_client, 99, client, now, now);
  board.clear(alarm_kind::slow_client, 99, now + 2s);
  CAF_REQUIRE_EQUAL(lines.size(), 2U);
  CAF_CHECK_EQUAL(lines[0], "alarm.begin alarm=slow_client address=192.0.2.7 "
                            "transport=websocket bytes=600000");
  CAF_CHECK_EQUAL(lines[1], "alarm.over alarm=slow_client address=192.0.2.7 "
                            "transport=websocket ms=2000");
}

CAF_TEST(a mailbox is looked at since the first look) {
  board.watch_mailbox(42);
  CAF_CHECK(board.watched_mailboxes(now)[0].second == now);
  board.watch_mailbox(42);
  CAF_CHECK(board.watched_mailboxes(now + 1s)[0].second == now);
  board.forget_mailbox(42);
  CAF_CHECK(board.watched_mailboxes(now).empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
