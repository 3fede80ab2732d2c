#include "net/io/asio_channel.hpp"

#include "tests/net/io/support.hpp"

#define CAF_SUITE net.io.asio_channel
#include "tests/test.hpp"

using namespace observer::io;

CAF_TEST(who asks for more in the midst of a read gets it once and in order) {
  auto [heard, said] = ask_amid_a_read(backend::epoll);
  CAF_CHECK_EQUAL(heard, said);
}

CAF_TEST(what a closed channel asked for does not fall to the next socket) {
  auto [heard, left] = reuse_a_number(backend::epoll);
  CAF_CHECK_EQUAL(heard, "");
  CAF_CHECK_EQUAL(left, "mine");
}
