#include "net/transport/uring_channel.hpp"

#include "tests/net/transport/support.hpp"

#define CAF_SUITE net.transport.uring_channel
#include "tests/test.hpp"

using namespace observer::transport;

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
  auto [heard, said] = ask_amid_a_read(socket_io::uring);
  CAF_CHECK_EQUAL(heard, said);
}

CAF_TEST(what a closed channel asked for does not fall to the next socket) {
  if (is_skipped())
    return;
  auto [heard, left] = reuse_a_number(socket_io::uring);
  CAF_CHECK_EQUAL(heard, "");
  CAF_CHECK_EQUAL(left, "mine");
}
