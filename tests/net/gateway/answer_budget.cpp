#include "net/gateway/answer_budget.hpp"

#include <optional>

#define CAF_SUITE net.gateway.answer_budget
#include "tests/test.hpp"

using observer::limit_counts;
using observer::gateway::answer_budget;

namespace {

std::string text(std::size_t size) {
  return std::string(size, 'x');
}

} // namespace

CAF_TEST(texts are held until they are too much and again once they are read) {
  limit_counts::counter met{0};
  answer_budget budget{1000, met};
  auto first = budget.hold(text(600));
  auto copy = first;
  auto second = budget.hold(text(400));
  CAF_REQUIRE(first && second);
  CAF_CHECK_EQUAL(*first, text(600));
  CAF_CHECK(!budget.hold(text(1)));
  CAF_CHECK_EQUAL(met.load(), 1u);
  first.reset();
  CAF_CHECK(!budget.hold(text(1)));
  copy.reset();
  CAF_CHECK(budget.hold(text(600)) != nullptr);
}

CAF_TEST(a text alone is never too much) {
  limit_counts::counter met{0};
  answer_budget budget{10, met};
  CAF_CHECK(budget.hold(text(1000)) != nullptr);
  CAF_CHECK_EQUAL(met.load(), 0u);
}

CAF_TEST(a text may outlive the budget) {
  limit_counts::counter met{0};
  std::optional<answer_budget> budget{std::in_place, 10, met};
  auto held = budget->hold(text(20));
  budget.reset();
  CAF_CHECK_EQUAL(held->size(), 20u);
}
