#include "net/engineio/random_id.hpp"

#include <algorithm>
#include <cctype>
#include <set>

#define CAF_SUITE net.engineio.random_id
#include "tests/test.hpp"

using namespace observer::engineio;

CAF_TEST(ids fit into a query as they are) {
  for (int i = 0; i < 100; ++i) {
    auto id = random_id();
    CAF_CHECK_EQUAL(id.size(), random_id_size);
    CAF_CHECK(std::all_of(id.begin(), id.end(), [](unsigned char c) {
      return std::isalnum(c) != 0 || c == '-' || c == '_';
    }));
  }
}

CAF_TEST(no id comes twice) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i)
    CAF_CHECK(seen.insert(random_id()).second);
}

CAF_TEST(an id says where what it names lives) {
  for (std::size_t loop : {0u, 1u, 12u})
    CAF_CHECK_EQUAL(loop_of(random_id_at(loop)), loop);
  for (auto* other : {"", "3", "a made-up id that is long enough"})
    CAF_CHECK_EQUAL(loop_of(other), 0u);
  CAF_CHECK_EQUAL(loop_of(random_id()), 0u);
}
