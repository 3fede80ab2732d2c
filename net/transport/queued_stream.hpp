#pragma once

#include "net/transport/linger.hpp"
#include "net/transport/net.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace observer::transport {

/// A socket whose writes all go through one queue, to be put under Beast's
/// `websocket::stream`. Beast's own bytes (handshake, pong, close) and frames
/// that were encoded elsewhere can so never interleave, and whatever is queued
/// leaves in one gathered write.
class queued_stream {
public:
  using next_layer_type = tcp::socket;
  using executor_type = tcp::socket::executor_type;
  using chunk = std::shared_ptr<const std::string>;

  explicit queued_stream(tcp::socket socket) : socket_(std::move(socket)) {
  }

  queued_stream(const queued_stream&) = delete;
  queued_stream& operator=(const queued_stream&) = delete;

  executor_type get_executor() noexcept {
    return socket_.get_executor();
  }

  tcp::socket& next_layer() noexcept {
    return socket_;
  }

  const tcp::socket& next_layer() const noexcept {
    return socket_;
  }

  /// Keeps the owner alive while a write waits for the socket. Set once.
  std::function<std::shared_ptr<void>()> owner;

  /// Called once, when a write has failed.
  std::function<void()> on_failure;

  /// Called when Beast begins to end the connection: the time that the peer may
  /// take is to be bounded.
  std::function<void()> on_teardown;

  // -- our frames -------------------------------------------------------------

  /// Queues bytes; `flush` sends them.
  void push(chunk bytes);

  /// Writes as much as the socket takes, and the rest when it takes more.
  void flush();

  [[nodiscard]] std::size_t queued_bytes() const noexcept {
    return queued_bytes_;
  }

  // -- Beast's bytes ----------------------------------------------------------

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return socket_.async_read_some(buffers, std::forward<Token>(token));
  }

  /// Queues a copy; completes when it has left, and all before it.
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
      [this](auto handler, const Buffers& from) {
        std::string copy(net::buffer_size(from), '\0');
        auto size = net::buffer_copy(net::buffer(copy), from);
        auto executor = net::get_associated_executor(handler, get_executor());
        // std::function wants something copyable.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        push(std::make_shared<const std::string>(std::move(copy)));
        completions_.push_back(
          {pushed_, [shared, size, executor](error_code error) {
             net::post(executor, [shared, size, error] {
               (*shared)(error, error ? 0 : size);
             });
           }});
        flush();
      },
      token, buffers);
  }

private:
  struct completion {
    std::uint64_t after; ///< chunks that must have left
    std::function<void(error_code)> call;
  };

  void consume(std::size_t bytes);
  void complete();
  void fail(error_code error);

  tcp::socket socket_;
  /// The queue is `chunks_` from `front_`; idle, it holds no memory.
  std::vector<chunk> chunks_;
  std::size_t front_ = 0;
  std::size_t offset_ = 0; ///< bytes of the front chunk that have left
  std::size_t queued_bytes_ = 0;
  std::uint64_t pushed_ = 0;
  std::uint64_t left_ = 0;
  std::vector<completion> completions_;
  bool waiting_ = false;
  bool failed_ = false;
};

/// Beast's customization point for the end of the connection below a WebSocket.
/// (Its own for TCP closes with bytes unread, and so loses the close frame.)
template <class Handler>
void async_teardown(boost::beast::role_type, queued_stream& stream,
                    Handler&& handler) {
  if (stream.on_teardown)
    stream.on_teardown();
  // std::function wants something copyable.
  auto shared
    = std::make_shared<std::decay_t<Handler>>(std::forward<Handler>(handler));
  linger(stream.next_layer(), [shared] { (*shared)(error_code{}); });
}

inline void beast_close_socket(queued_stream& stream) {
  error_code ignored;
  stream.next_layer().close(ignored);
}

} // namespace observer::transport
