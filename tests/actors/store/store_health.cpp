#include "actors/store/store_health.hpp"

#define CAF_SUITE actors.store.store_health
#include "tests/test.hpp"

using namespace observer;
using std::chrono::seconds;

CAF_TEST(a commit is as old as it takes) {
  store_health health;
  monotonic now{seconds{1000}};
  CAF_CHECK(health.commit_age(now) == seconds{0});
  health.commit_begins(now);
  CAF_CHECK(health.commit_age(now + seconds{3}) == seconds{3});
  health.commit_ends();
  CAF_CHECK(health.commit_age(now + seconds{3}) == seconds{0});
}

CAF_TEST(whether it can be written says what it was before) {
  store_health health;
  CAF_CHECK(health.is_writable());
  CAF_CHECK(health.set_writable(false));
  CAF_CHECK(!health.is_writable());
  CAF_CHECK(!health.set_writable(true));
}
