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

CAF_TEST(who gets a channel that reads hears what comes and may go) {
  CAF_CHECK_EQUAL(hand_on_amid_a_read(backend::epoll), "onetwo");
  CAF_CHECK(hand_on_and_go(backend::epoll));
}

CAF_TEST(a socket that is given away keeps what comes behind that) {
  auto [heard, left] = release_amid_a_read(backend::epoll);
  CAF_CHECK_EQUAL(heard, "before");
  CAF_CHECK_EQUAL(left, "behind");
}

CAF_TEST(what is queued leaves before the socket is given away) {
  for (auto bytes : {std::size_t{3}, std::size_t{3'000'000}}) {
    auto [heard, is_left] = release_with_queue(backend::epoll, bytes);
    CAF_CHECK_EQUAL(heard, bytes);
    CAF_CHECK(!is_left);
  }
}

CAF_TEST(a channel is not given away in the midst of its own call) {
  auto [gone, amid_a_call] = release_once_drained(backend::epoll);
  CAF_CHECK(gone);
  CAF_CHECK(!amid_a_call);
}

CAF_TEST(who asks is told once that all has left) {
  auto [before, behind] = tell_drained(backend::epoll);
  CAF_CHECK_EQUAL(before, 0);
  CAF_CHECK_EQUAL(behind, 1);
}
