#include "net/io/uring_channel.hpp"

#include "tests/net/io/support.hpp"

#define CAF_SUITE net.io.uring_channel
#include "tests/test.hpp"

using namespace observer::io;

namespace {

/// Whether there is no io_uring here; CTest knows the line for a skip.
bool is_skipped() {
  auto why = uring::refusal();
  if (why)
    CAF_MESSAGE("SKIPPED: there is no io_uring: " << why.message());
  return static_cast<bool>(why);
}

} // namespace

CAF_TEST(who asks for more in the midst of a read gets it once and in order) {
  if (is_skipped())
    return;
  auto [heard, said] = ask_amid_a_read(backend::uring);
  CAF_CHECK_EQUAL(heard, said);
}

CAF_TEST(what a closed channel asked for does not fall to the next socket) {
  if (is_skipped())
    return;
  auto [heard, left] = reuse_a_number(backend::uring);
  CAF_CHECK_EQUAL(heard, "");
  CAF_CHECK_EQUAL(left, "mine");
}

CAF_TEST(who gets a channel that reads hears what comes and may go) {
  if (is_skipped())
    return;
  CAF_CHECK_EQUAL(hand_on_amid_a_read(backend::uring), "onetwo");
  CAF_CHECK(hand_on_and_go(backend::uring));
}

CAF_TEST(a socket that is given away keeps what comes behind that) {
  if (is_skipped())
    return;
  auto [heard, left] = release_amid_a_read(backend::uring);
  CAF_CHECK_EQUAL(heard, "before");
  CAF_CHECK_EQUAL(left, "behind");
}

CAF_TEST(what is queued leaves before the socket is given away) {
  if (is_skipped())
    return;
  for (auto bytes : {std::size_t{3}, std::size_t{3'000'000}}) {
    auto [heard, is_left] = release_with_queue(backend::uring, bytes);
    CAF_CHECK_EQUAL(heard, bytes);
    CAF_CHECK(!is_left);
  }
}

CAF_TEST(a channel is not given away in the midst of its own call) {
  if (is_skipped())
    return;
  auto [gone, amid_a_call] = release_once_drained(backend::uring);
  CAF_CHECK(gone);
  CAF_CHECK(!amid_a_call);
}

CAF_TEST(who asks is told once that all has left) {
  if (is_skipped())
    return;
  auto [before, behind] = tell_drained(backend::uring);
  CAF_CHECK_EQUAL(before, 0);
  CAF_CHECK_EQUAL(behind, 1);
}
