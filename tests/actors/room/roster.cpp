#include "actors/room/roster.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#define CAF_SUITE actors.room.roster
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
    who.settle(who.enter(anna, client(first, one)));
    who.settle(who.enter(ben, client(second, other)));
  }
};

constexpr monotonic noon{std::chrono::hours{12}};
constexpr monotonic later{std::chrono::hours{13}};

} // namespace

CAF_TEST_FIXTURE_SCOPE(roster_tests, fixture)

CAF_TEST(a member is found by user and by session) {
  CAF_CHECK_EQUAL(who.size(), 2u);
  CAF_REQUIRE(who.find(ben) != nullptr);
  CAF_CHECK(who.find(ben)->client.session == second);
  CAF_REQUIRE(who.find(second) != nullptr);
  CAF_CHECK(who.find(second)->user == ben);
  CAF_CHECK(!who.away_since(ben));
}

CAF_TEST(who has left is found by nothing and the others by all) {
  auto gone = who.settle(who.leave(anna));
  CAF_REQUIRE(gone.has_value());
  CAF_CHECK(gone->client.session == first);
  CAF_CHECK(who.find(anna) == nullptr);
  CAF_CHECK(who.find(first) == nullptr);
  CAF_CHECK(!who.end(one->id(), noon));
  CAF_CHECK(who.find(ben) != nullptr);
  CAF_CHECK(who.find(second) != nullptr);
  CAF_CHECK(!who.settle(who.leave(anna)));
  CAF_CHECK_EQUAL(who.size(), 1u);
}

CAF_TEST(whose session ends is away since then or since it was lost) {
  CAF_CHECK(who.end(one->id(), noon).has_value());
  CAF_CHECK(who.away_since(anna) == noon);
  CAF_CHECK(who.find(anna) == nullptr);
  who.find(second)->lost = noon;
  CAF_CHECK(who.away_since(ben) == noon);
  who.end(other->id(), later);
  CAF_CHECK(who.away_since(ben) == noon);
  CAF_CHECK(who.empty());
}

CAF_TEST(a seat that is given up is known until that is settled) {
  auto move = who.leave(anna);
  CAF_CHECK(who.find(anna) == nullptr);
  CAF_REQUIRE(who.find(first) != nullptr);
  CAF_CHECK(who.find(first)->given_up);
  who.undo(move);
  CAF_REQUIRE(who.find(anna) != nullptr);
  CAF_CHECK(!who.find(first)->given_up);
}

CAF_TEST(a place moves to another session and back) {
  who.settle(who.leave(ben));
  auto move = who.enter(anna, client(second, other));
  CAF_CHECK(who.find(anna)->client.session == second);
  auto never = who.undo(move);
  CAF_REQUIRE(never.has_value());
  CAF_CHECK(never->client.session == second);
  CAF_CHECK(who.find(anna)->client.session == first);
  CAF_CHECK(who.find(second) == nullptr);
}

CAF_TEST(who was away when it left is away again as long) {
  who.end(one->id(), noon);
  auto move = who.leave(anna);
  CAF_CHECK(!who.away_since(anna));
  who.undo(move);
  CAF_CHECK(who.away_since(anna) == noon);
}

CAF_TEST(what is known of somebody is not noted anew) {
  who.end(one->id(), noon);
  who.note_away(anna, later);
  who.note_away(ben, later);
  CAF_CHECK(who.away_since(anna) == noon);
  CAF_CHECK(!who.away_since(ben));
  who.note_away(user_id{3}, later);
  CAF_CHECK(who.away_since(user_id{3}) == later);
}

CAF_TEST_FIXTURE_SCOPE_END()
