#include "net/transport/linger.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace observer::transport {

namespace {

/// Who sends more than this is not waiting for our last word.
constexpr std::size_t max_drained = std::size_t{64} * 1024 * 1024;

/// Reads at a time, so that one peer cannot keep the loop busy.
constexpr int reads_in_turn = 16;

void drain(tcp::socket& socket, std::size_t drained,
           std::function<void()> done) {
  std::array<char, 16 * 1024> rubbish;
  error_code error;
  for (int i = 0; !error && i < reads_in_turn; ++i)
    drained += socket.read_some(net::buffer(rubbish), error);
  auto more = !error || error == net::error::would_block;
  if (!more || drained >= max_drained)
    return net::post(socket.get_executor(), std::move(done));
  auto again = [&socket, drained, done = std::move(done)](error_code failed) {
    if (failed)
      done();
    else
      drain(socket, drained, done);
  };
  socket.async_wait(tcp::socket::wait_read, std::move(again));
}

} // namespace

void linger(tcp::socket& socket, std::function<void()> done) {
  error_code error;
  socket.shutdown(tcp::socket::shutdown_send, error);
  if (!error)
    socket.non_blocking(true, error);
  if (error)
    return net::post(socket.get_executor(), std::move(done));
  drain(socket, 0, std::move(done));
}

} // namespace observer::transport
