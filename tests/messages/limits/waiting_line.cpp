#include "messages/limits/waiting_line.hpp"

#define CAF_SUITE messages.limits.waiting_line
#include "tests/test.hpp"

#include <optional>
#include <vector>

using namespace observer;

CAF_TEST(a line takes so many and no more until one leaves) {
  waiting_line line{2};
  auto ada = line.enter("a");
  auto ben = line.enter("b");
  CAF_REQUIRE(ada && ben);
  CAF_CHECK(!line.enter("c"));
  CAF_CHECK_EQUAL(line.size(), 2u);
  ada.reset();
  CAF_CHECK(line.enter("c") != nullptr);
}

CAF_TEST(an address has a quarter of the line) {
  waiting_line line{8};
  std::vector<waiting_line::place> held{line.enter("a"), line.enter("a")};
  CAF_CHECK(held[1] != nullptr);
  CAF_CHECK(!line.enter("a"));
  CAF_CHECK(line.enter("b") != nullptr);
  held.pop_back();
  CAF_CHECK(line.enter("a") != nullptr);
}

CAF_TEST(who was sent away does not count) {
  waiting_line line{1};
  auto ada = line.enter("a");
  for (int i = 0; i < 3; ++i)
    CAF_CHECK(!line.enter("b"));
  ada.reset();
  CAF_CHECK_EQUAL(line.size(), 0u);
  CAF_CHECK(line.enter("b") != nullptr);
}

CAF_TEST(a place may outlive the line) {
  std::optional<waiting_line> line{4};
  auto place = line->enter("a");
  line.reset();
  place.reset();
  CAF_CHECK(!place);
}
