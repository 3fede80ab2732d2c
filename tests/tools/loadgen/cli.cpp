#include "tools/loadgen/cli.hpp"

#include <vector>

#define CAF_SUITE tools.loadgen.cli
#include "tests/test.hpp"

using namespace observer::loadgen;

namespace {

command_line parse(std::vector<const char*> words) {
  words.insert(words.begin(), "loadgen");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

options settings_of(std::vector<const char*> words) {
  auto result = parse(std::move(words));
  CAF_REQUIRE(result.settings);
  return *result.settings;
}

} // namespace

CAF_TEST(every scenario has its own defaults) {
  auto fanout = settings_of({"fanout"});
  CAF_CHECK(fanout.scenario == scenario_kind::fanout);
  CAF_CHECK_EQUAL(fanout.rooms, 10u);
  CAF_CHECK_EQUAL(fanout.senders, 1u);
  CAF_CHECK_EQUAL(fanout.connections, 0u);
  auto echo = settings_of({"echo"});
  CAF_CHECK(echo.scenario == scenario_kind::echo);
  CAF_CHECK_EQUAL(echo.connections, 100u);
  CAF_CHECK_EQUAL(echo.members, 1u);
  CAF_CHECK_EQUAL(echo.echo_event, "activity");
  CAF_CHECK_EQUAL(echo.rooms, 0u);
  auto idle = settings_of({"idle"});
  CAF_CHECK(idle.scenario == scenario_kind::idle);
  CAF_CHECK_EQUAL(idle.members, 0u);
  CAF_CHECK(settings_of({"connect"}).scenario == scenario_kind::connect);
  CAF_CHECK(settings_of({"churn"}).scenario == scenario_kind::churn);
}

CAF_TEST(common options may stand behind the scenario) {
  auto x = settings_of({"echo", "--duration", "1500ms", "--server-pid", "1,2",
                        "--threads", "2", "--busy-poll"});
  CAF_CHECK(x.duration == milliseconds{1500});
  CAF_CHECK_EQUAL(x.server_pids, (std::vector<int>{1, 2}));
  CAF_CHECK_EQUAL(x.threads, 2u);
  CAF_CHECK(x.busy_poll);
  CAF_CHECK(!settings_of({"echo"}).busy_poll);
}

CAF_TEST(a room of slow readers has a sender besides) {
  auto x = settings_of({"slow", "--readers", "5", "--stopped", "4"});
  CAF_CHECK_EQUAL(x.members, 6u);
  CAF_CHECK_EQUAL(x.stopped, 4u);
  CAF_CHECK_EQUAL(x.senders, 1u);
  CAF_CHECK_EQUAL(x.rate, 1000.0);
}

CAF_TEST(as many send as there is in flight) {
  CAF_CHECK_EQUAL(settings_of({"fanout", "--in-flight", "7"}).senders, 7u);
  CAF_CHECK_EQUAL(settings_of({"fanout", "--in-flight", "70"}).senders, 20u);
  CAF_CHECK_EQUAL(settings_of({"fanout", "--rate", "7"}).senders, 1u);
}

CAF_TEST(what cannot be is refused with code 2) {
  for (auto& words : std::vector<std::vector<const char*>>{
         {},
         {"dance"},
         {"echo", "fanout"},
         {"fanout", "--bytes", "34"},
         {"fanout", "--rooms", "0"},
         {"fanout", "--members", "4", "--senders", "5"},
         {"fanout", "--rooms", "100000", "--members", "100000"},
         {"slow", "--readers", "4", "--stopped", "4"},
         {"echo", "--echo-args", "{"},
         {"echo", "--duration", "5"},
         {"echo", "--duration", "-5s"},
         {"idle", "--connections", "x"}}) {
    auto result = parse(words);
    CAF_CHECK(!result.settings);
    CAF_CHECK_EQUAL(result.exit_code, 2);
  }
}

CAF_TEST(help is no error) {
  auto result = parse({"--help"});
  CAF_CHECK(!result.settings);
  CAF_CHECK_EQUAL(result.exit_code, 0);
}
