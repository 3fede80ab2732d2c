#include "actors/roster.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#define CAF_SUITE actors.roster
#include "tests/test.hpp"

using namespace observer;

namespace {

constexpr user_id anna{1};
constexpr user_id ben{2};
constexpr session_id first{11};
constexpr session_id second{12};

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor one{system};
  caf::scoped_actor other{system};
  roster who;

  static client_ref client(session_id session, const caf::scoped_actor& actor) {
    return {session, caf::actor_cast<session_actor>(actor), {}, {}};
  }

  fixture() {
    who.add(anna, client(first, one));
    who.add(ben, client(second, other));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(roster_tests, fixture)

CAF_TEST(a member is found by user and session and actor) {
  CAF_CHECK_EQUAL(who.size(), 2u);
  CAF_REQUIRE(who.find(ben) != nullptr);
  CAF_CHECK(who.find(ben)->client.session == second);
  CAF_REQUIRE(who.find(second) != nullptr);
  CAF_CHECK(who.find(second)->user == ben);
  CAF_REQUIRE(who.find_by_actor(other->id()) != nullptr);
  CAF_CHECK(who.find_by_actor(other->id())->user == ben);
}

CAF_TEST(who is removed is found by nothing and the others by all) {
  auto gone = who.remove(anna);
  CAF_REQUIRE(gone.has_value());
  CAF_CHECK(gone->user == anna);
  CAF_CHECK(gone->client.session == first);
  CAF_CHECK(who.find(anna) == nullptr);
  CAF_CHECK(who.find(first) == nullptr);
  CAF_CHECK(who.find_by_actor(one->id()) == nullptr);
  CAF_CHECK(who.find(ben) != nullptr);
  CAF_CHECK(who.find(second) != nullptr);
  CAF_CHECK(who.find_by_actor(other->id()) != nullptr);
  CAF_CHECK(!who.remove(anna));
  CAF_CHECK_EQUAL(who.size(), 1u);
}

CAF_TEST(a place may move to another session) {
  who.remove(ben);
  who.remove(anna);
  CAF_CHECK(who.empty());
  who.add(anna, client(second, other));
  CAF_CHECK(who.find(anna)->client.session == second);
  CAF_CHECK(who.find(first) == nullptr);
  CAF_CHECK(who.find_by_actor(one->id()) == nullptr);
}

CAF_TEST_FIXTURE_SCOPE_END()
