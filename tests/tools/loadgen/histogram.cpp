#include "tools/loadgen/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#define CAF_SUITE tools.loadgen.histogram
#include "tests/test.hpp"

using namespace observer::loadgen;

CAF_TEST(without values all figures are zero) {
  histogram x;
  CAF_CHECK_EQUAL(x.count(), 0u);
  CAF_CHECK_EQUAL(x.min(), 0u);
  CAF_CHECK_EQUAL(x.max(), 0u);
  CAF_CHECK_EQUAL(x.mean(), 0.0);
  CAF_CHECK_EQUAL(x.percentile(99), 0u);
}

CAF_TEST(small values are exact) {
  histogram x;
  for (std::uint64_t i = 1; i <= 200; ++i)
    x.record(i);
  CAF_CHECK_EQUAL(x.percentile(0), 1u);
  CAF_CHECK_EQUAL(x.percentile(50), 100u);
  CAF_CHECK_EQUAL(x.percentile(99), 198u);
  CAF_CHECK_EQUAL(x.percentile(100), 200u);
  CAF_CHECK_EQUAL(x.mean(), 100.5);
}

CAF_TEST(percentiles are never too low and at most a hundredth too high) {
  std::mt19937_64 random{1};
  std::vector<std::uint64_t> values;
  histogram x;
  for (int i = 0; i < 20'000; ++i) {
    // Over all magnitudes.
    auto value = random() >> (22 + random() % 42);
    values.push_back(value);
    x.record(value);
  }
  std::sort(values.begin(), values.end());
  for (double percent : {0.1, 1.0, 10.0, 50.0, 90.0, 99.0, 99.9, 100.0}) {
    auto rank = std::ceil(static_cast<double>(values.size()) * percent / 100);
    auto exact = values[static_cast<std::size_t>(rank) - 1];
    CAF_CHECK(x.percentile(percent) >= exact);
    CAF_CHECK(x.percentile(percent) <= exact + exact / 100);
  }
  CAF_CHECK_EQUAL(x.max(), values.back());
  CAF_CHECK_EQUAL(x.min(), values.front());
}

CAF_TEST(every value is found in its own step) {
  for (int bit = 0; bit < 42; ++bit) {
    for (auto value : {(std::uint64_t{1} << bit) - 1, std::uint64_t{1} << bit,
                       (std::uint64_t{1} << bit) + 1}) {
      histogram x;
      x.record(value);
      x.record(UINT64_MAX); // so that the maximum does not help
      CAF_CHECK(x.percentile(50) >= value);
      CAF_CHECK(x.percentile(50) <= value + value / 100);
    }
  }
}

CAF_TEST(merged histograms count as one) {
  histogram both, low, high;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    both.record(i * i);
    (i < 300 ? low : high).record(i * i);
  }
  low.merge(high);
  CAF_CHECK_EQUAL(low.count(), both.count());
  CAF_CHECK_EQUAL(low.min(), both.min());
  CAF_CHECK_EQUAL(low.max(), both.max());
  for (double percent : {1.0, 29.0, 31.0, 50.0, 99.0})
    CAF_CHECK_EQUAL(low.percentile(percent), both.percentile(percent));
  low.clear();
  CAF_CHECK_EQUAL(low.count(), 0u);
  CAF_CHECK_EQUAL(low.percentile(50), 0u);
}
