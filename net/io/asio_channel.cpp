#include "net/io/asio_channel.hpp"

#include "net/io/loop.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <cerrno>
#include <utility>

namespace observer::io {

asio_channel::asio_channel(loop& host, stream_socket socket, channel_user& user)
  : channel(host, user),
    socket_(std::move(socket)) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
}

// -- reading ------------------------------------------------------------------

void asio_channel::read(bool on) {
  wanted_ = on;
  if (on && !reading_ && socket_.is_open())
    wait_for_input();
}

void asio_channel::wait_for_input() {
  reading_ = true;
  socket_.async_read_some(net::buffer(small_),
                          [this, keep = keep_user()](error_code error,
                                                     std::size_t size) {
                            on_input(error, size);
                          });
}

void asio_channel::on_input(error_code error, std::size_t size) {
  // `reading_` stays: whoever is called here and wants more gets it below.
  if (!error && socket_.is_open())
    user_->on_bytes({small_.data(), size});
  // There is more: read what there is, but let others have their turn.
  if (!error && wanted_ && size == small_.size()) {
    auto& large = loop_.read_buffer();
    size = socket_.read_some(net::buffer(large), error);
    if (!error)
      user_->on_bytes({large.data(), size});
    else if (error == net::error::would_block)
      error = {};
  }
  reading_ = false;
  if (taker_)
    return release_later();
  if (!socket_.is_open())
    return;
  if (error)
    return user_->on_input_end();
  if (wanted_)
    wait_for_input();
}

// -- writing ------------------------------------------------------------------

void asio_channel::flush() {
  dirty_ = false;
  write();
}

void asio_channel::flush_now() {
  write();
}

void asio_channel::write() {
  while (!blocked_ && !failed_ && !queue_.empty()) {
    auto result = write_some(socket_.native_handle());
    if (result >= 0) {
      on_written(static_cast<std::size_t>(result));
      continue;
    }
    if (result == -EINTR)
      continue;
    if (result != -EAGAIN) {
      failed_ = true;
      return user_->on_output_failed();
    }
    blocked_ = true;
    socket_.async_wait(stream_socket::wait_write,
                       [this, keep = keep_user()](error_code) {
                         blocked_ = false;
                         if (socket_.is_open())
                           write();
                       });
  }
}

// -- the end ------------------------------------------------------------------

void asio_channel::shutdown_send() {
  error_code ignored;
  socket_.shutdown(stream_socket::shutdown_send, ignored);
}

int asio_channel::descriptor() {
  return socket_.is_open() ? socket_.native_handle() : -1;
}

void asio_channel::stop_reading() {
  wanted_ = false;
  error_code ignored;
  if (reading_)
    socket_.cancel(ignored); // who waits to write waits again
}

bool asio_channel::is_reading() const {
  return reading_;
}

int asio_channel::detach() {
  failed_ = true;
  error_code error;
  auto descriptor = socket_.release(error);
  return error ? -1 : descriptor;
}

void asio_channel::close() {
  failed_ = true;
  wanted_ = false;
  taker_ = nullptr;
  queue_.clear();
  error_code ignored;
  socket_.close(ignored);
}

} // namespace observer::io
