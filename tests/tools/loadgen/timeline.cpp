#include "tools/loadgen/timeline.hpp"

#include "tools/loadgen/recorder.hpp"

#define CAF_SUITE tools.loadgen.timeline
#include "tests/test.hpp"

using namespace observer::loadgen;

namespace {

const time_point start{std::chrono::hours{1}};

std::vector<std::uint64_t> counts(const timeline& x) {
  std::vector<std::uint64_t> result;
  for (auto& slice : x.slices())
    result.push_back(slice.count());
  return result;
}

/// One value at each of these milliseconds.
timeline filled(milliseconds width, std::size_t limit,
                std::initializer_list<int> times) {
  timeline result{start, width, limit};
  for (auto ms : times)
    result.record(start + milliseconds{ms}, static_cast<std::uint64_t>(ms));
  return result;
}

using list = std::vector<std::uint64_t>;

} // namespace

CAF_TEST(values fall into the slice of their time) {
  auto x = filled(milliseconds{10}, 100, {0, 9, 10, 35});
  CAF_CHECK_EQUAL(counts(x), (list{2, 1, 0, 1}));
  CAF_CHECK_EQUAL(x.total().count(), 4u);
  CAF_CHECK_EQUAL(x.total().max(), 35u);
}

CAF_TEST(what is before the beginning is in the first slice) {
  auto x = filled(milliseconds{10}, 100, {-5});
  CAF_CHECK_EQUAL(counts(x), (list{1}));
}

CAF_TEST(slices grow when there would be too many) {
  auto x = filled(milliseconds{10}, 4, {0, 10, 20, 30, 40});
  CAF_CHECK(x.width() == milliseconds{20});
  CAF_CHECK_EQUAL(counts(x), (list{2, 2, 1}));
  x.record(start + milliseconds{639}, 1);
  CAF_CHECK(x.width() == milliseconds{160});
  CAF_CHECK_EQUAL(counts(x), (list{5, 0, 0, 1}));
}

CAF_TEST(timelines of different widths are merged) {
  auto fine = filled(milliseconds{10}, 4, {0, 15, 35});
  auto coarse = filled(milliseconds{10}, 4, {0, 70});
  auto merged = fine;
  merged.merge(coarse);
  CAF_CHECK(merged.width() == milliseconds{20});
  CAF_CHECK_EQUAL(counts(merged), (list{3, 1, 0, 1}));
  coarse.merge(fine);
  CAF_CHECK_EQUAL(counts(coarse), counts(merged));
}

CAF_TEST(a recorder counts what is in the window) {
  recorder x;
  x.unit(start, 1);
  x.open({start, start + milliseconds{1000}});
  x.unit(start - milliseconds{1}, 1);
  x.unit(start, 2);
  x.unit(start + milliseconds{999}, 3);
  x.unit(start + milliseconds{1000}, 4);
  CAF_CHECK_EQUAL(x.units().total().count(), 2u);
  CAF_CHECK_EQUAL(x.units().total().max(), 3u);
  x.close(start + milliseconds{500});
  x.unit(start + milliseconds{600}, 5);
  CAF_CHECK_EQUAL(x.units().total().count(), 2u);
  CAF_CHECK_EQUAL(x.take_recent().count(), 6u);
  CAF_CHECK_EQUAL(x.take_recent().count(), 0u);
}
