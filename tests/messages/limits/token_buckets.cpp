#include "messages/limits/token_buckets.hpp"

#include <string>

#define CAF_SUITE messages.limits.token_buckets
#include "tests/test.hpp"

using namespace observer;
using std::chrono::seconds;

CAF_TEST(each has a bucket of its own) {
  token_buckets<std::string> under_test;
  token_rate rate{1, 1};
  token_bucket::time_point now{};
  CAF_CHECK(under_test.has_one(rate, "a", now));
  CAF_CHECK(under_test.take(rate, "a", now));
  CAF_CHECK(!under_test.take(rate, "a", now));
  CAF_CHECK(!under_test.has_one(rate, "a", now));
  CAF_CHECK(under_test.has_one(rate, "b", now));
  CAF_CHECK(under_test.take(rate, "b", now));
  CAF_CHECK(under_test.take(rate, "a", now + seconds{1}));
}

CAF_TEST(whoever took nothing for long is forgotten and nobody else) {
  token_buckets<int> under_test;
  token_rate rate{1, 2};
  token_bucket::time_point now{};
  for (int i = 0; i < 1000; ++i)
    CAF_CHECK(under_test.take(rate, i, now));
  now += seconds{1};
  CAF_CHECK(under_test.take(rate, 1000, now));
  CAF_CHECK_EQUAL(under_test.size(), 1u);
  for (int i = 1; i < 10'000; ++i)
    CAF_CHECK(under_test.take(rate, 1000 + i, now));
  CAF_CHECK_EQUAL(under_test.size(), 10'000u);
  CAF_CHECK(under_test.take(rate, 1000, now));
  CAF_CHECK(!under_test.take(rate, 1000, now));
}
