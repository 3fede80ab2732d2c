#include "net/io/uring_channel.hpp"

#include "net/io/loop.hpp"

#include <cerrno>
#include <unistd.h>
#include <utility>

namespace observer::io {

uring_channel::uring_channel(loop& host, stream_socket socket,
                             channel_user& user)
  : channel(host, user) {
  // The reactor would wake up for all that comes.
  error_code error;
  socket_ = socket.release(error);
  if (error)
    socket_ = -1;
}

uring_channel::~uring_channel() {
  close();
}

// -- reading ------------------------------------------------------------------

void uring_channel::read(bool on) {
  wanted_ = on;
  auto* ring = loop_.ring();
  if (ring == nullptr || socket_ < 0 || on == receiving_)
    return;
  if (on)
    receive(*ring);
  else
    ring->stop_receiving(receiving_slot_);
}

void uring_channel::receive(uring& ring) {
  receiving_ = true;
  receiving_slot_ = ring.receive(*this, socket_, keep_user());
}

void uring_channel::on_handed_on() {
  if (auto* ring = loop_.ring(); ring != nullptr && receiving_)
    ring->keep(receiving_slot_, keep_user());
}

void uring_channel::on_received(std::span<char> bytes) {
  if (socket_ >= 0)
    user_->on_bytes(bytes);
}

void uring_channel::on_receive_end(int result) {
  receiving_ = false;
  if (taker_)
    return release_later();
  auto* ring = loop_.ring();
  if (socket_ < 0 || ring == nullptr)
    return;
  auto goes_on = result == -ECANCELED || result == -ENOBUFS || result == -EINTR;
  if (!goes_on)
    user_->on_input_end();
  else if (wanted_)
    receive(*ring);
}

// -- writing ------------------------------------------------------------------

void uring_channel::flush() {
  dirty_ = false;
  auto* ring = loop_.ring();
  if (ring == nullptr || socket_ < 0 || blocked_ || queue_.empty())
    return;
  sending_ = true;
  ring->send(*this, socket_, queue_);
}

void uring_channel::flush_now() {
  if (socket_ < 0 || sending_ || blocked_)
    return;
  while (!queue_.empty() && !blocked_ && socket_ >= 0)
    take_result(write_some(socket_));
}

void uring_channel::on_sent(int result) {
  sending_ = false;
  if (socket_ < 0)
    return;
  take_result(result);
  if (socket_ >= 0 && !blocked_ && !queue_.empty())
    flush_later();
}

void uring_channel::take_result(int result) {
  if (result >= 0)
    return on_written(static_cast<std::size_t>(result));
  if (result == -EINTR)
    return;
  if (result != -EAGAIN)
    return user_->on_output_failed();
  blocked_ = true;
  if (auto* ring = loop_.ring())
    ring->wait_writable(*this, socket_, keep_user());
}

void uring_channel::on_writable() {
  blocked_ = false;
  if (socket_ >= 0 && !queue_.empty())
    flush_later();
}

// -- the end ------------------------------------------------------------------

void uring_channel::shutdown_send() {
  ::shutdown(socket_, SHUT_WR);
}

int uring_channel::descriptor() {
  return socket_;
}

void uring_channel::stop_reading() {
  read(false);
}

bool uring_channel::is_reading() const {
  return receiving_;
}

int uring_channel::detach() {
  return std::exchange(socket_, -1);
}

void uring_channel::close() {
  wanted_ = false;
  taker_ = nullptr;
  queue_.clear();
  if (socket_ < 0)
    return;
  if (receiving_ || blocked_) {
    // What was asked for this socket must not fall to the next of its number.
    if (auto* ring = loop_.ring())
      ring->hand_over();
    // Ends what the kernel still does for it.
    ::shutdown(socket_, SHUT_RDWR);
  }
  ::close(std::exchange(socket_, -1));
}

} // namespace observer::io
