#include "net/io/timer_queue.hpp"

#define CAF_SUITE net.io.timer_queue
#include "tests/test.hpp"

using namespace observer::io;
using namespace std::chrono_literals;

namespace {

using time_point = timer_queue::time_point;

} // namespace

CAF_TEST(deadlines are rounded up to a grid) {
  CAF_CHECK(round_up(time_point{1000ms}, 250ms) == time_point{1000ms});
  CAF_CHECK(round_up(time_point{1001ms}, 250ms) == time_point{1250ms});
  CAF_CHECK(round_up(time_point{1249ms}, 250ms) == time_point{1250ms});
  CAF_CHECK(round_up(time_point{1ns}, 250ms) == time_point{250ms});
}

CAF_TEST(without a grid deadlines stay) {
  CAF_CHECK(round_up(time_point{1001ms}, 0ms) == time_point{1001ms});
}

CAF_TEST(what is due runs in order and what is cancelled does not ) {
  observer::io::net::io_context context;
  timer_queue under_test{context};
  timer_queue::handle first;
  timer_queue::handle second;
  timer_queue::handle never;
  std::string ran;
  auto past = std::chrono::steady_clock::now() - 1s;
  under_test.set(second, past + 2ms, [&] { ran += "second "; });
  under_test.set(never, past, [&] { ran += "never "; });
  under_test.set(first, past + 1ms, [&] {
    ran += "first ";
    under_test.cancel(never);
  });
  under_test.cancel(never);
  while (ran.size() < 13)
    context.run_one();
  CAF_CHECK_EQUAL(ran, "first second ");
  CAF_CHECK(!first);
  CAF_CHECK(!second);
}
