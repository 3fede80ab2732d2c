#include "actors/room/audience.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#define CAF_SUITE actors.room.audience
#include "tests/test.hpp"

using namespace observer;

namespace {

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor one{system};
  caf::scoped_actor other{system};
  hub_actor here = caf::actor_cast<hub_actor>(one);
  hub_actor there = caf::actor_cast<hub_actor>(other);
  audience all;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(audience_tests, fixture)

CAF_TEST(a loop is in it once however many listen there) {
  all.add(here);
  all.add(there);
  all.add(here);
  CAF_REQUIRE_EQUAL(all.parts().size(), 2u);
  CAF_CHECK(all.parts()[0].hub == here);
  CAF_CHECK_EQUAL(all.parts()[0].listeners, 2u);
  CAF_CHECK(all.parts()[1].hub == there);
  CAF_CHECK_EQUAL(all.parts()[1].listeners, 1u);
}

CAF_TEST(a loop is in it until its last listener goes) {
  all.add(here);
  all.add(here);
  all.remove(here);
  CAF_CHECK_EQUAL(all.parts().size(), 1u);
  all.remove(here);
  CAF_CHECK(all.parts().empty());
  all.remove(here);
  CAF_CHECK(all.parts().empty());
}

CAF_TEST(one is single wherever it is and two are not ) {
  CAF_CHECK(!all.is_single());
  all.add(here);
  CAF_CHECK(all.is_single());
  all.add(here);
  CAF_CHECK(!all.is_single());
  all.remove(here);
  all.add(there);
  CAF_CHECK(!all.is_single());
  all.remove(here);
  CAF_CHECK(all.is_single());
}

CAF_TEST_FIXTURE_SCOPE_END()
