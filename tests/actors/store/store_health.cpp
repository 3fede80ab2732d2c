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
  health.commit_ends(now + seconds{3});
  CAF_CHECK(health.commit_age(now + seconds{3}) == seconds{0});
}

CAF_TEST(times of commits are counted in seconds) {
  store_health health;
  monotonic now{seconds{1000}};
  for (auto took :
       {std::chrono::milliseconds{2}, std::chrono::milliseconds{5000}}) {
    health.commit_begins(now);
    health.commit_ends(now + took);
  }
  auto seen = health.commit_seconds().Collect().histogram;
  CAF_CHECK_EQUAL(seen.sample_count, 2u);
  CAF_CHECK_EQUAL(seen.sample_sum, 5.002);
  for (auto& x : seen.bucket)
    CAF_CHECK_EQUAL(x.cumulative_count, x.upper_bound < 0.003 ? 0u
                                        : x.upper_bound < 5.0 ? 1u
                                                              : 2u);
}

CAF_TEST(whether it can be written says what it was before) {
  store_health health;
  CAF_CHECK(health.is_writable());
  CAF_CHECK(health.set_writable(false));
  CAF_CHECK(!health.is_writable());
  CAF_CHECK(!health.set_writable(true));
}
