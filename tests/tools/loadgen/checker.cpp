#include "tools/loadgen/checker.hpp"

#include <algorithm>
#include <initializer_list>
#include <vector>

#define CAF_SUITE tools.loadgen.checker
#include "tests/test.hpp"

using namespace observer::loadgen;

namespace {

struct heard {
  sequence_checker checker;
  check_totals totals;

  heard(std::initializer_list<std::uint32_t> numbers) {
    for (auto x : numbers)
      checker.receive(x, totals);
  }
};

} // namespace

CAF_TEST(messages in order are right) {
  heard x{0, 1, 2, 3};
  CAF_CHECK(x.totals.clean());
  CAF_CHECK_EQUAL(x.totals.received, 4u);
  CAF_CHECK_EQUAL(x.checker.missing(4), 0u);
}

CAF_TEST(what was sent and not heard is missing) {
  CAF_CHECK_EQUAL((heard{}.checker.missing(3)), 3u);
  CAF_CHECK_EQUAL((heard{0, 1}.checker.missing(5)), 3u);
  CAF_CHECK_EQUAL((heard{0, 4}.checker.missing(5)), 3u);
  CAF_CHECK_EQUAL((heard{0, 4}.checker.missing(8)), 6u);
  CAF_CHECK_EQUAL((heard{2, 5}.checker.missing(6)), 4u);
}

CAF_TEST(a hole alone is no disorder) {
  heard x{0, 2};
  CAF_CHECK(x.totals.clean());
}

CAF_TEST(the same message again is a duplicate) {
  heard x{0, 1, 1, 0};
  CAF_CHECK_EQUAL(x.totals.duplicates, 2u);
  CAF_CHECK_EQUAL(x.totals.out_of_order, 0u);
  CAF_CHECK_EQUAL(x.totals.received, 4u);
  CAF_CHECK_EQUAL(x.checker.missing(2), 0u);
}

CAF_TEST(a late message is out of order and not lost) {
  for (std::uint32_t late = 0; late < 4; ++late) {
    heard x{4, late};
    CAF_CHECK_EQUAL(x.totals.out_of_order, 1u);
    CAF_CHECK_EQUAL(x.totals.duplicates, 0u);
    CAF_CHECK_EQUAL(x.checker.missing(5), 3u);
    x.checker.receive(late, x.totals);
    CAF_CHECK_EQUAL(x.totals.duplicates, 1u);
    CAF_CHECK_EQUAL(x.checker.missing(5), 3u);
  }
}

CAF_TEST(every order of five messages is told from the right one) {
  std::vector<std::uint32_t> order{0, 1, 2, 3, 4};
  do {
    sequence_checker checker;
    check_totals totals;
    std::uint64_t late = 0;
    std::uint32_t highest = 0;
    for (auto x : order) {
      checker.receive(x, totals);
      late += x < highest ? 1 : 0;
      highest = std::max(highest, x);
    }
    CAF_CHECK_EQUAL(totals.out_of_order, late);
    CAF_CHECK_EQUAL(totals.duplicates, 0u);
    CAF_CHECK_EQUAL(checker.missing(5), 0u);
  } while (std::next_permutation(order.begin(), order.end()));
}

CAF_TEST(totals add up and any fault makes them unclean) {
  check_totals sum;
  sum += check_totals{1, 0, 0, 0, 0, 0};
  CAF_CHECK(sum.clean());
  for (auto fault : {&check_totals::lost, &check_totals::duplicates,
                     &check_totals::out_of_order, &check_totals::leaked,
                     &check_totals::malformed}) {
    check_totals one;
    one.*fault = 2;
    auto both = sum;
    both += one;
    both += one;
    CAF_CHECK_EQUAL(both.*fault, 4u);
    CAF_CHECK_EQUAL(both.received, 1u);
    CAF_CHECK(!both.clean());
  }
}
