#include "messages/limits/token_bucket.hpp"

#define CAF_SUITE messages.limits.token_bucket
#include "tests/test.hpp"

using namespace observer;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct fixture {
  token_bucket under_test;
  token_rate rate{10, 3};
  token_bucket::time_point start{};
  token_bucket::time_point now = start;

  /// How many can be taken at once.
  int take_all() {
    int result = 0;
    while (under_test.take(rate, now))
      ++result;
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(token_bucket_tests, fixture)

CAF_TEST(a new bucket is full whatever the clock says) {
  CAF_CHECK(under_test.is_full(rate, now));
  CAF_CHECK_EQUAL(take_all(), 3);
  CAF_CHECK(!under_test.is_full(rate, now));
}

CAF_TEST(tokens come one by one and no more than the burst) {
  (void) take_all();
  now += milliseconds{99};
  CAF_CHECK_EQUAL(take_all(), 0);
  now += milliseconds{1};
  CAF_CHECK_EQUAL(take_all(), 1);
  now += milliseconds{200};
  CAF_CHECK_EQUAL(take_all(), 2);
  now += seconds{100};
  CAF_CHECK(under_test.is_full(rate, now));
  CAF_CHECK_EQUAL(take_all(), 3);
}

CAF_TEST(what is refused costs nothing) {
  (void) take_all();
  for (int i = 0; i < 1000; ++i)
    CAF_CHECK(!under_test.take(rate, now));
  now += milliseconds{100};
  CAF_CHECK(under_test.has_one(rate, now));
  CAF_CHECK_EQUAL(take_all(), 1);
}

CAF_TEST(what is charged beyond the burst is owed until it is paid) {
  under_test.charge(rate, now, 5);
  CAF_CHECK(under_test.paid_at() == start + milliseconds{200});
  now += milliseconds{150};
  CAF_CHECK(!under_test.has_one(rate, now));
  under_test.charge(rate, now);
  CAF_CHECK(under_test.paid_at() == start + milliseconds{300});
  now = start + milliseconds{400};
  CAF_CHECK_EQUAL(take_all(), 1);
}

CAF_TEST(a clock that stands still gives no tokens and loses none) {
  CAF_CHECK(under_test.take(rate, now));
  CAF_CHECK(under_test.take(rate, now));
  CAF_CHECK_EQUAL(take_all(), 1);
}

CAF_TEST(rates that do not divide a second keep their burst) {
  for (double per_second : {0.01, 0.7, 3., 7., 1e6}) {
    rate = {per_second, 11};
    under_test = {};
    CAF_CHECK_EQUAL(take_all(), 11);
  }
}

CAF_TEST(without a limit nothing is ever owed) {
  rate = token_rate::unlimited();
  for (int i = 0; i < 1000; ++i)
    CAF_CHECK(under_test.take(rate, now, 1e9));
  under_test.charge(rate, now, 1e9);
  CAF_CHECK(under_test.paid_at() <= now);
  CAF_CHECK(under_test.is_full(rate, now));
}

CAF_TEST_FIXTURE_SCOPE_END()
