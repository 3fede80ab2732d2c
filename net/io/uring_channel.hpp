#pragma once

#include "net/io/channel.hpp"
#include "net/io/uring.hpp"

namespace observer::io {

/// A channel on its loop's io_uring.
class uring_channel final : public channel, public uring::user {
public:
  uring_channel(loop& host, stream_socket socket, channel_user& user);
  ~uring_channel() override;

  // -- implementation of channel ----------------------------------------------

  void flush() override;
  void flush_now() override;
  void read(bool on) override;
  [[nodiscard]] int descriptor() override;
  void close() override;

  // -- implementation of uring::user ------------------------------------------

  void on_sent(int result) override;
  void on_received(std::span<char> bytes) override;
  void on_receive_end(int result) override;
  void on_writable() override;

private:
  void shutdown_send() override;
  void stop_reading() override;
  [[nodiscard]] bool is_reading() const override;
  [[nodiscard]] int detach() override;
  void on_handed_on() override;
  void receive(uring& ring);
  void take_result(int result);

  int socket_; ///< -1 once closed
  uring::slot receiving_slot_ = 0;
  bool wanted_ = false;    ///< input is welcome
  bool receiving_ = false; ///< the kernel receives
  bool sending_ = false;   ///< an entry waits to be handed over
  bool blocked_ = false;   ///< the socket takes nothing now
};

} // namespace observer::io
