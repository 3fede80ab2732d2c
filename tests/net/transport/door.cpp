#include "net/transport/door.hpp"

#include <thread>
#include <vector>

#define CAF_SUITE net.transport.door
#include "tests/test.hpp"

using namespace observer;
using namespace observer::transport;
using engineio::refusal;

namespace {

/// A low descriptor, which is no reason to refuse anybody.
constexpr int low = 10;

struct fixture {
  options limits;
  limit_counts met;
  std::shared_ptr<transport::door> shared
    = std::make_shared<transport::door>(limits, met);
  transport::door& door = *shared;

  fixture() {
    limits.max_connections = 3;
    limits.unconnected_per_address = 5;
    limits.max_descriptor = 100;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(door_tests, fixture)

CAF_TEST(sessions over the cap are refused until one ends) {
  std::vector<door::visitor> inside;
  for (int i = 0; i < 3; ++i) {
    inside.push_back(door.arrive("a"));
    CAF_CHECK(!inside.back().admit(low));
  }
  auto late = door.arrive("b");
  CAF_CHECK(late.admit(low) == refusal::overloaded);
  CAF_CHECK_EQUAL(door.sessions(), 3u);
  CAF_CHECK_EQUAL(met.sessions.load(), 1u);
  inside.pop_back();
  CAF_CHECK(!late.admit(low));
  CAF_CHECK_EQUAL(met.sessions.load(), 1u);
}

CAF_TEST(an address may have only so many that enter nothing) {
  limits.max_connections = 100;
  std::vector<door::visitor> idle;
  for (int i = 0; i < 5; ++i)
    idle.push_back(door.arrive("a"));
  auto late = door.arrive("a");
  CAF_CHECK(late.admit(low) == refusal::too_many_connections);
  CAF_CHECK_EQUAL(met.unconnected.load(), 1u);
  auto other = door.arrive("b");
  CAF_CHECK(!other.admit(low));
  idle.front().enter();
  CAF_CHECK(!late.admit(low));
  CAF_CHECK_EQUAL(met.unconnected.load(), 1u);
}

CAF_TEST(who has entered counts once less however he goes) {
  auto who = door.arrive("a");
  CAF_CHECK_EQUAL(door.unconnected("a"), 1u);
  who.enter();
  who.enter();
  CAF_CHECK_EQUAL(door.unconnected("a"), 0u);
  auto moved = std::move(who);
  CAF_CHECK(!who);
  CAF_CHECK(moved);
  moved = {};
  CAF_CHECK_EQUAL(door.unconnected("a"), 0u);
}

CAF_TEST(a place moves and is given back once) {
  {
    auto first = door.arrive("a");
    CAF_CHECK(!first.admit(low));
    door::visitor second{std::move(first)};
    door::visitor third;
    third = std::move(second);
    CAF_CHECK_EQUAL(door.sessions(), 1u);
    CAF_CHECK_EQUAL(door.unconnected("a"), 1u);
    third = door.arrive("b"); // what it was before is given back
    CAF_CHECK_EQUAL(door.sessions(), 0u);
    CAF_CHECK_EQUAL(door.unconnected("a"), 0u);
  }
  CAF_CHECK_EQUAL(door.unconnected("b"), 0u);
}

CAF_TEST(a visitor may outlive the server) {
  auto who = door.arrive("a");
  CAF_CHECK(!who.admit(low));
  std::weak_ptr<transport::door> gone = shared;
  shared = nullptr;
  CAF_CHECK(!gone.expired());
  who = {};
  CAF_CHECK(gone.expired());
}

CAF_TEST(high descriptors are left to who is inside) {
  auto who = door.arrive("a");
  CAF_CHECK(who.admit(100) == refusal::overloaded);
  CAF_CHECK_EQUAL(met.descriptors.load(), 1u);
  CAF_CHECK_EQUAL(door.sessions(), 0u);
  CAF_CHECK(!who.admit(99));
}

CAF_TEST(no two loops get the last place) {
  limits.max_connections = 1000;
  limits.unconnected_per_address = 100'000;
  std::vector<std::vector<door::visitor>> inside(4);
  std::vector<std::thread> loops;
  for (auto& mine : inside)
    loops.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        auto who = door.arrive("a");
        if (!who.admit(low))
          mine.push_back(std::move(who));
      }
    });
  for (auto& loop : loops)
    loop.join();
  CAF_CHECK_EQUAL(door.sessions(), 1000u);
  CAF_CHECK_EQUAL(door.unconnected("a"), 1000u);
  CAF_CHECK_EQUAL(met.sessions.load(), 1000u);
  inside.clear();
  CAF_CHECK_EQUAL(door.sessions(), 0u);
  CAF_CHECK_EQUAL(door.unconnected("a"), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
