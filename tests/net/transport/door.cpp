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

  /// Somebody whose connection is of no interest.
  door::visitor arrive(const char* address) {
    return door.accept(address)->arrive();
  }

  /// Lets as many in as an address gets.
  std::size_t connect_all(const std::string& address,
                          std::vector<door::pass>& inside) {
    std::size_t result = 0;
    for (auto next = door.accept(address); next; next = door.accept(address)) {
      inside.push_back(std::move(*next));
      ++result;
    }
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(door_tests, fixture)

CAF_TEST(sessions over the cap are refused until one ends) {
  std::vector<door::visitor> inside;
  for (int i = 0; i < 3; ++i) {
    inside.push_back(arrive("a"));
    CAF_CHECK(!inside.back().admit(low));
  }
  auto late = arrive("b");
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
    idle.push_back(arrive("a"));
  auto late = arrive("a");
  CAF_CHECK(late.admit(low) == refusal::too_many_connections);
  CAF_CHECK_EQUAL(met.unconnected.load(), 1u);
  auto other = arrive("b");
  CAF_CHECK(!other.admit(low));
  idle.front().enter();
  CAF_CHECK(!late.admit(low));
  CAF_CHECK_EQUAL(met.unconnected.load(), 1u);
}

CAF_TEST(who has entered counts once less however he goes) {
  auto who = arrive("a");
  CAF_CHECK(!who.admit(low));
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
    auto first = arrive("a");
    CAF_CHECK(!first.admit(low));
    door::visitor second{std::move(first)};
    door::visitor third;
    third = std::move(second);
    CAF_CHECK_EQUAL(door.sessions(), 1u);
    CAF_CHECK_EQUAL(door.unconnected("a"), 1u);
    third = arrive("b"); // what it was before is given back
    CAF_CHECK_EQUAL(door.sessions(), 0u);
    CAF_CHECK_EQUAL(door.unconnected("a"), 0u);
  }
  CAF_CHECK_EQUAL(door.unconnected("b"), 0u);
}

CAF_TEST(a visitor may outlive the server) {
  auto who = arrive("a");
  CAF_CHECK(!who.admit(low));
  std::weak_ptr<transport::door> gone = shared;
  shared = nullptr;
  CAF_CHECK(!gone.expired());
  who = {};
  CAF_CHECK(gone.expired());
}

CAF_TEST(high descriptors are left to who is inside) {
  auto who = arrive("a");
  CAF_CHECK(who.admit(100) == refusal::overloaded);
  CAF_CHECK_EQUAL(met.descriptors.load(), 1u);
  CAF_CHECK_EQUAL(door.sessions(), 0u);
  CAF_CHECK(!who.admit(99));
}

CAF_TEST(an address alone gets half of all connections) {
  limits.max_descriptor = 1000;
  std::vector<door::pass> inside;
  CAF_CHECK_EQUAL(connect_all("10.0.0.1", inside), 500u);
  CAF_CHECK_EQUAL(met.address_share.load(), 1u);
  CAF_CHECK_EQUAL(door.connections("10.0.0.1"), 500u);
  CAF_MESSAGE("and the others what is left, each less than those before");
  CAF_CHECK_EQUAL(connect_all("10.0.0.2", inside), 250u);
  CAF_CHECK_EQUAL(connect_all("10.0.0.3", inside), 125u);
  CAF_CHECK(!door.accept("10.0.0.1"));
  inside.clear();
  CAF_CHECK_EQUAL(door.connections("10.0.0.1"), 0u);
  CAF_CHECK_EQUAL(connect_all("10.0.0.3", inside), 500u);
}

CAF_TEST(a connection counts as long as its pass is kept) {
  {
    auto first = door.accept("10.0.0.1");
    auto who = first->arrive();
    CAF_CHECK(!who.admit(low));
    who.enter();
    auto moved = std::move(*first);
    first.reset();
    CAF_CHECK_EQUAL(door.connections("10.0.0.1"), 1u);
  }
  CAF_CHECK_EQUAL(door.connections("10.0.0.1"), 0u);
}

CAF_TEST(a few are let in however short places are) {
  limits.max_descriptor = 10;
  std::vector<door::pass> inside;
  for (int i = 0; i < 100; ++i)
    inside.push_back(door.accept("10.0.0.1").value());
  CAF_CHECK(!door.accept("10.0.0.1"));
  CAF_CHECK(door.accept("10.0.0.2"));
}

CAF_TEST(a share of 100 percent is no limit) {
  limits.max_descriptor = 1000;
  limits.address_share = 100;
  std::vector<door::pass> inside;
  CAF_CHECK_EQUAL(connect_all("10.0.0.1", inside), 1000u);
}

CAF_TEST(addresses of one network of ipv6 are one) {
  limits.max_descriptor = 1000;
  std::vector<door::pass> inside;
  CAF_CHECK_EQUAL(connect_all("2001:db8:1:2::1", inside), 500u);
  CAF_CHECK(!door.accept("2001:db8:1:2::2"));
  CAF_CHECK(door.accept("2001:db8:1:3::1"));
  CAF_CHECK(door.accept("::ffff:10.0.0.1"));
}

CAF_TEST(sessions of an address count for all of their life) {
  limits.max_connections = 1000;
  std::vector<door::visitor> inside;
  auto connection = door.accept("10.0.0.1").value();
  auto open = [&](door::pass& by) {
    auto who = by.arrive();
    auto refused = who.admit(low);
    who.enter();
    if (!refused)
      inside.push_back(std::move(who));
    return refused;
  };
  for (int i = 0; i < 500; ++i)
    CAF_CHECK(!open(connection));
  CAF_CHECK(open(connection) == refusal::too_many_connections);
  CAF_CHECK_EQUAL(met.address_share.load(), 1u);
  auto another = door.accept("10.0.0.2").value();
  CAF_CHECK(!open(another));
  inside.erase(inside.begin());
  CAF_CHECK(!open(connection));
}

CAF_TEST(what an address has sent without end is bounded) {
  limits.unfinished_per_address = 1000;
  auto first = door.accept("10.0.0.1").value();
  auto second = door.accept("10.0.0.1").value();
  auto other = door.accept("10.0.0.2").value();
  CAF_CHECK(first.hold(600));
  CAF_CHECK(second.hold(400));
  CAF_CHECK(!second.hold(401));
  CAF_CHECK_EQUAL(met.unfinished.load(), 1u);
  CAF_CHECK(other.hold(1000));
  CAF_MESSAGE("what came to its end is given back and so is what broke off");
  CAF_CHECK(first.hold(0));
  CAF_CHECK(second.hold(1000));
  { auto gone = std::move(second); }
  CAF_CHECK(first.hold(1000));
}

CAF_TEST(so is what its clients hold of packets) {
  limits.unfinished_per_address = 1000;
  auto connection = door.accept("10.0.0.1").value();
  auto visitor = connection.arrive();
  CAF_CHECK(!visitor.admit(3));
  CAF_CHECK(connection.hold(600));
  CAF_CHECK(visitor.hold(400));
  CAF_CHECK(!visitor.hold(401));
  CAF_MESSAGE("also for one that is moved, and until it is gone");
  auto moved = std::move(visitor);
  CAF_CHECK(!connection.hold(600 + 1));
  moved = {};
  CAF_CHECK(connection.hold(1000));
}

CAF_TEST(no two loops get the last place) {
  limits.max_connections = 1000;
  limits.address_share = 100;
  limits.unconnected_per_address = 100'000;
  std::vector<std::vector<door::visitor>> inside(4);
  std::vector<std::thread> loops;
  for (auto& mine : inside)
    loops.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        auto who = arrive("a");
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
