#include "tools/loadgen/process.hpp"

#include <unistd.h>

#define CAF_SUITE tools.loadgen.process
#include "tests/test.hpp"

using namespace observer::loadgen;

CAF_TEST(cpu time is found whatever the program is called) {
  for (auto* name : {"(observerd)", "(a b)", "(x) 1 2 3)", "()"}) {
    auto ticks = parse_stat("14 " + std::string{name}
                            + " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15\n");
    CAF_REQUIRE(ticks);
    CAF_CHECK_EQUAL(ticks->user, 11u);
    CAF_CHECK_EQUAL(ticks->system, 12u);
  }
  CAF_CHECK(!parse_stat(""));
  CAF_CHECK(!parse_stat("14 (x) S 1 2"));
}

CAF_TEST(fields of a status are told apart) {
  auto* status = "Name:\tx\nVmRSS:\t    1234 kB\n"
                 "voluntary_ctxt_switches:\t5\n"
                 "nonvoluntary_ctxt_switches:\t7\n";
  CAF_CHECK_EQUAL(status_field(status, "VmRSS"), 1234u);
  CAF_CHECK_EQUAL(status_field(status, "voluntary_ctxt_switches"), 5u);
  CAF_CHECK_EQUAL(status_field(status, "nonvoluntary_ctxt_switches"), 7u);
  CAF_CHECK_EQUAL(status_field(status, "VmSwap"), 0u);
}

CAF_TEST(processes are added up and must be there) {
  auto one = usage_of({getpid()});
  auto two = usage_of({getpid(), getpid()});
  CAF_REQUIRE(one && two);
  CAF_CHECK(one->rss_kib > 0);
  CAF_CHECK(two->rss_kib > one->rss_kib);
  CAF_CHECK(two->voluntary_switches >= one->voluntary_switches);
  CAF_CHECK(!usage_of({-1}));
  CAF_CHECK(own_usage().user_us + own_usage().system_us > 0);
}
