#include "net/gateway/admin_gate.hpp"

#define CAF_SUITE net.gateway.admin_gate
#include "tests/test.hpp"

using namespace observer;
using gateway::admin_gate;
using std::chrono::seconds;
using verdict = admin_gate::verdict;

namespace {

struct fixture {
  limit_counts::counter met{0};
  admin_gate gate{"secret", 5, met};
  monotonic now{seconds{1000}};

  verdict check(std::string_view authorization) {
    return gate.check(authorization, now);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(admin_gate_tests, fixture)

CAF_TEST(the token opens and nothing else) {
  CAF_CHECK(check("Bearer secret") == verdict::granted);
  CAF_CHECK(check("") == verdict::no_token);
  for (auto* wrong : {"Bearer secre", "Basic secret", "Bearer  secret"})
    CAF_CHECK(check(wrong) == verdict::refused);
  CAF_CHECK(check("Bearer secret") == verdict::granted);
}

CAF_TEST(after five wrong tokens nobody is let in for a while) {
  for (int i = 0; i < 5; ++i)
    CAF_CHECK(check("Bearer wrong") == verdict::refused);
  CAF_CHECK(check("Bearer wrong") == verdict::held_off);
  CAF_CHECK(check("Bearer secret") == verdict::held_off);
  CAF_CHECK_EQUAL(met.load(), 2u);
  CAF_MESSAGE("there is one try again every twelve seconds");
  now += seconds{11};
  CAF_CHECK(check("Bearer secret") == verdict::held_off);
  CAF_CHECK(gate.pause() == seconds{12});
  now += gate.pause();
  CAF_CHECK(check("Bearer wrong") == verdict::refused);
  CAF_CHECK(check("Bearer wrong") == verdict::held_off);
}

CAF_TEST(who gives no token or the right one uses up no try) {
  for (int i = 0; i < 100; ++i) {
    CAF_CHECK(check("") == verdict::no_token);
    CAF_CHECK(check("Bearer secret") == verdict::granted);
  }
  CAF_CHECK_EQUAL(met.load(), 0u);
}

CAF_TEST_FIXTURE_SCOPE_END()
