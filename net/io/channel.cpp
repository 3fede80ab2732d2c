#include "net/io/channel.hpp"

#include "net/io/asio_channel.hpp"
#include "net/io/loop.hpp"
#include "net/io/uring_channel.hpp"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <utility>

namespace observer::io {

void channel::push(write_queue::chunk bytes) {
  queue_.push(std::move(bytes));
  flush_later();
}

void channel::flush_later() {
  if (!std::exchange(dirty_, true))
    loop_.flush_later({keep_user(), this});
}

int channel::write_some(int socket) const {
  std::array<iovec, write_queue::max_gather> pieces;
  auto batch = queue_.gather(pieces);
  msghdr what{};
  what.msg_iov = batch.data();
  what.msg_iovlen = batch.size();
  auto written = ::sendmsg(socket, &what, MSG_DONTWAIT | MSG_NOSIGNAL);
  return written >= 0 ? static_cast<int>(written) : -errno;
}

void channel::on_written(std::size_t bytes) {
  queue_.consume(bytes);
  sent_ += bytes;
  if (!queue_.empty())
    return;
  if (output_ends_)
    shutdown_send();
  release_later();
  if (std::exchange(drain_is_told_, false))
    user_->on_drained();
}

void channel::end_output() {
  output_ends_ = true;
  if (queue_.empty())
    shutdown_send();
}

void channel::hand_on(channel_user& next) {
  auto before = keep_user();
  before->next_ = next.shared_from_this();
  user_ = &next;
  on_handed_on();
}

void channel::release(taker to) {
  taker_ = std::move(to);
  stop_reading();
  release_later();
}

void channel::release_later() {
  if (!taker_ || is_reading() || !queue_.empty())
    return;
  loop_.run_later([this, keep = keep_user()] {
    if (auto to = std::exchange(taker_, nullptr)) // else it was closed since
      to(detach());
  });
}

std::unique_ptr<channel> open_channel(loop& host, stream_socket socket,
                                      channel_user& user) {
  if (host.ring() != nullptr)
    return std::make_unique<uring_channel>(host, std::move(socket), user);
  return std::make_unique<asio_channel>(host, std::move(socket), user);
}

} // namespace observer::io
