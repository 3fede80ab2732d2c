#include "net/gateway/metrics.hpp"

#include <prometheus/histogram.h>

#define CAF_SUITE net.gateway.metrics
#include "tests/test.hpp"

using namespace observer;
using namespace observer::gateway;

namespace {

struct fixture {
  server_figures in;
  prometheus::Histogram commits{{0.001, 1}};

  fixture() {
    in.commit_seconds = commits.Collect();
  }

  /// The value of one line; empty if it is not there.
  std::string value(const std::string& name) {
    auto text = "\n" + to_prometheus(in);
    auto at = text.find("\n" + name + " ");
    if (at == std::string::npos)
      return {};
    auto begin = at + name.size() + 2;
    return text.substr(begin, text.find('\n', begin) - begin);
  }

  static hub_snapshot hub_with(std::uint64_t clients,
                               std::uint64_t deliveries) {
    hub_snapshot result;
    result.deliveries = deliveries;
    result.queued_bytes = 100;
    result.lines = {{"websocket", 4, clients}, {{}, 0, 1}};
    result.requests = {{"message", "ok", 10}, {"join", "room_full", 2}};
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(metrics_tests, fixture)

CAF_TEST(what hubs counted is added up) {
  in.snapshots = {hub_with(3, 5), hub_with(4, 6)};
  CAF_CHECK_EQUAL(
    value(R"(observer_clients{transport="websocket",protocol="4"})"), "7");
  CAF_CHECK_EQUAL(
    value(R"(observer_clients{transport="polling",protocol="4"})"), "0");
  CAF_CHECK_EQUAL(value(R"(observer_clients{transport="lost",protocol=""})"),
                  "2");
  CAF_CHECK_EQUAL(
    value(R"(observer_requests_total{event="message",outcome="ok"})"), "20");
  CAF_CHECK_EQUAL(
    value(R"(observer_requests_total{event="join",outcome="room_full"})"), "4");
  CAF_CHECK_EQUAL(value("observer_deliveries_total"), "11");
  CAF_CHECK_EQUAL(value("observer_queued_bytes"), "200");
}

CAF_TEST(rooms and the store are shown as their actors say) {
  in.snapshots = {registry_snapshot{2, 7, 1},
                  store_snapshot{"sqlite", false, 3, 40, 5, 6}};
  CAF_CHECK_EQUAL(value("observer_rooms"), "2");
  CAF_CHECK_EQUAL(value("observer_rooms_made_total"), "7");
  CAF_CHECK_EQUAL(value("observer_rooms_failed_total"), "1");
  CAF_CHECK_EQUAL(value("observer_store_writable"), "0");
  CAF_CHECK_EQUAL(value("observer_store_events_total"), "40");
  CAF_CHECK_EQUAL(value("observer_store_refused_total"), "6");
  CAF_CHECK_EQUAL(value("observer_store_bytes"), "");
  in.store_bytes = 4096;
  CAF_CHECK_EQUAL(value("observer_store_bytes"), "4096");
}

CAF_TEST(commits are a histogram) {
  commits.Observe(0.5);
  in.commit_seconds = commits.Collect();
  CAF_CHECK_EQUAL(value(R"(observer_store_commit_seconds_bucket{le="0.001"})"),
                  "0");
  CAF_CHECK_EQUAL(value(R"(observer_store_commit_seconds_bucket{le="1"})"),
                  "1");
  CAF_CHECK_EQUAL(value("observer_store_commit_seconds_count"), "1");
}

CAF_TEST(actors are shown by kind) {
  runtime::kind_totals rooms;
  rooms.kind = "room";
  rooms.actors = 3;
  rooms.mailbox = 5;
  rooms.mailbox_max = 4;
  rooms.busy = std::chrono::milliseconds{1500};
  rooms.handled["join_request"] = 9;
  in.actors = {rooms};
  CAF_CHECK_EQUAL(value(R"(observer_actors{kind="room"})"), "3");
  CAF_CHECK_EQUAL(value(R"(observer_mailbox_messages{kind="room"})"), "5");
  CAF_CHECK_EQUAL(value(R"(observer_mailbox_messages_max{kind="room"})"), "4");
  CAF_CHECK_EQUAL(value(R"(observer_actor_busy_seconds{kind="room"})"), "1.5");
  CAF_CHECK_EQUAL(
    value(R"(observer_actor_messages{kind="room",type="join_request"})"), "9");
}

CAF_TEST(ends and limits and loops have a line each) {
  in.ends["ping timeout"] = 3;
  in.limits = {{"max-queue", 4}};
  in.process.loop_cpu_seconds = {0.25, 2};
  in.process.open_descriptors = 12;
  CAF_CHECK_EQUAL(value(R"(observer_disconnects_total{reason="ping timeout"})"),
                  "3");
  CAF_CHECK_EQUAL(value(R"(observer_limit_met_total{limit="max-queue"})"), "4");
  CAF_CHECK_EQUAL(value(R"(observer_loop_cpu_seconds_total{loop="1"})"), "2");
  CAF_CHECK_EQUAL(value("process_open_fds"), "12");
}

CAF_TEST(alarms are there before there are any) {
  CAF_CHECK_EQUAL(value(R"(observer_alarms_total{alarm="stuck_loop"})"), "0");
  using runtime::alarm_kind;
  in.alarms = {{alarm_kind::slow_handler, "room", "wake_up", 2},
               {alarm_kind::slow_handler, "hub", "fan_out", 1}};
  CAF_CHECK_EQUAL(value(R"(observer_alarms_total{alarm="slow_handler"})"), "3");
  CAF_CHECK_EQUAL(
    value(
      R"(observer_alarm_causes_total{alarm="slow_handler",kind="room",message="wake_up"})"),
    "2");
}

CAF_TEST_FIXTURE_SCOPE_END()
