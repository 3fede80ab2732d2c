#include "net/gateway/ended_clients.hpp"

#include <set>

#define CAF_SUITE net.gateway.ended_clients
#include "tests/test.hpp"

using namespace observer;
using namespace observer::gateway;
using namespace std::chrono_literals;
using engineio::close_reason;

namespace {

struct fixture {
  ended_clients all;
  ended_clients::time_point now{1h};

  static ended_client client(std::string id,
                             std::optional<close_reason> reason = {}) {
    ended_client result;
    result.socket_id = std::move(id);
    result.address = "192.0.2.7";
    result.reason = reason;
    result.life.transport = "websocket";
    result.life.age = 63'200ms;
    result.life.silent = 31s;
    result.life.queued = 1024 * 1024;
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(ended_clients_tests, fixture)

CAF_TEST(the newest of an id is found for ten minutes) {
  all.add(client("a", close_reason::ping_timeout), now);
  all.add(client("b"), now);
  all.add(client("a", close_reason::slow_reader), now + 1min);
  auto found = all.find("a", now + 11min);
  CAF_REQUIRE(found);
  CAF_CHECK(found->reason == close_reason::slow_reader);
  CAF_CHECK(!all.find("b", now + 11min));
  CAF_CHECK(!all.find("a", now + 11min + 1s));
  CAF_CHECK_EQUAL(all.size(now + 12min), 0U);
}

CAF_TEST(only so many are kept and all are counted) {
  for (std::size_t i = 0; i < ended_clients::keep_most + 10; ++i)
    all.add(client(std::to_string(i)), now);
  all.add(client("", close_reason::flooding), now);
  CAF_CHECK_EQUAL(all.size(now), ended_clients::keep_most);
  CAF_CHECK(!all.find("9", now));
  CAF_CHECK(all.find("10", now));
  CAF_CHECK(!all.find("", now));
  auto counts = all.counts();
  CAF_CHECK_EQUAL(counts["disconnect"], ended_clients::keep_most + 10);
  CAF_CHECK_EQUAL(counts["flooding"], 1U);
  auto newest = all.newest(2, now);
  CAF_REQUIRE_EQUAL(newest.size(), 2U);
  CAF_CHECK_EQUAL(newest[0].socket_id, "5009");
  CAF_CHECK_EQUAL(newest[1].socket_id, "5008");
}

CAF_TEST(each reason has a sentence of its own) {
  std::set<std::string> sentences{explain(client("a"))};
  constexpr std::size_t reasons = 11;
  for (std::size_t i = 0; i < reasons; ++i)
    sentences.insert(explain(client("a", static_cast<close_reason>(i))));
  CAF_CHECK_EQUAL(sentences.size(), reasons + 1);
}

CAF_TEST(a sentence tells what the reason needs) {
  CAF_CHECK_EQUAL(
    explain(client("a", close_reason::slow_reader)),
    "read nothing while 1.0 MiB waited: cut off; on websocket, from "
    "192.0.2.7, after 63.2 s; last heard 31.0 s before");
  CAF_CHECK_EQUAL(explain(client("a", close_reason::ping_timeout)),
                  "answered no ping for 31.0 s: it sleeps, is stopped, or the "
                  "line is dead; on websocket, from 192.0.2.7, after 63.2 s; "
                  "1.0 MiB waited to be read");
  auto wrong = client("a", close_reason::parse_error);
  wrong.life.detail = "invalid payload";
  wrong.life.queued = 0;
  CAF_CHECK_EQUAL(explain(wrong),
                  "said what is not Socket.IO (invalid payload); on websocket, "
                  "from 192.0.2.7, after 63.2 s; last heard 31.0 s before");
}

CAF_TEST_FIXTURE_SCOPE_END()
