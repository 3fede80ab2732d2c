#include "tools/observerd/limit_table.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <set>

#define CAF_SUITE tools.observerd.limit_table
#include "tests/test.hpp"

using namespace observer;

namespace {

struct fixture {
  config settings;
  transport::limit_counts wire;
  socketio::limit_counts packets;
  limit_counts rooms;

  boost::json::array show() {
    return boost::json::parse(limits_as_json(settings, wire, packets, rooms))
      .as_array();
  }

  /// The row of a limit, as JSON; empty if there is none.
  std::string row(std::string_view key) {
    for (auto& x : show())
      if (x.at("limit").as_string() == key)
        return boost::json::serialize(x);
    return {};
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(limit_table_tests, fixture)

CAF_TEST(each limit is shown once with its value) {
  std::set<std::string> keys;
  for (auto& x : show())
    CAF_CHECK(keys.insert(std::string{x.at("limit").as_string()}).second);
  CAF_CHECK_EQUAL(row("max-payload"),
                  R"({"limit":"max-payload","value":1000000,"met":0})");
  CAF_CHECK_EQUAL(row("max-commit-time"),
                  R"({"limit":"max-commit-time","value":"2s","met":0})");
  settings.limits.messages.per_second = 0.5;
  CAF_CHECK_EQUAL(row("message-rate"),
                  R"({"limit":"message-rate","value":5E-1,"met":0})");
}

CAF_TEST(what was met is counted where it belongs) {
  wire.queue_bytes = 3;
  rooms.room_rate = 4;
  packets.depth = 5;
  CAF_CHECK_EQUAL(row("max-queue"),
                  R"({"limit":"max-queue","value":1048576,"met":3})");
  CAF_CHECK_EQUAL(row("room-rate"),
                  R"({"limit":"room-rate","value":5,"met":4})");
  CAF_CHECK_EQUAL(row("max-depth"),
                  R"({"limit":"max-depth","value":64,"met":5})");
}

CAF_TEST(who may come from where counts whom it refused) {
  settings.allow_origins = {"https://a.example", "file://"};
  wire.origins = 6;
  CAF_CHECK_EQUAL(row("allow-origin"), R"({"limit":"allow-origin",)"
                                       R"("value":"https://a.example file://",)"
                                       R"("met":6})");
  CAF_CHECK_EQUAL(row("allow-host"),
                  R"({"limit":"allow-host","value":"none","met":0})");
}

CAF_TEST(rates that are switched off say so) {
  settings.limits.rate_limits = false;
  CAF_CHECK_EQUAL(row("packet-rate"),
                  R"({"limit":"packet-rate","value":"off","met":0})");
  CAF_CHECK_EQUAL(row("max-queue"),
                  R"({"limit":"max-queue","value":1048576,"met":0})");
}

CAF_TEST_FIXTURE_SCOPE_END()
