#include "net/transport/asio_channel.hpp"

#include "tests/net/transport/support.hpp"

#define CAF_SUITE net.transport.asio_channel
#include "tests/test.hpp"

using namespace observer::transport;

CAF_TEST(who asks for more in the midst of a read gets it once and in order) {
  auto [heard, said] = ask_amid_a_read(socket_io::epoll);
  CAF_CHECK_EQUAL(heard, said);
}

CAF_TEST(what a closed channel asked for does not fall to the next socket) {
  auto [heard, left] = reuse_a_number(socket_io::epoll);
  CAF_CHECK_EQUAL(heard, "");
  CAF_CHECK_EQUAL(left, "mine");
}
