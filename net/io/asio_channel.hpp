#pragma once

#include "net/io/channel.hpp"

#include <array>

namespace observer::io {

/// A channel on Asio's reactor, i.e. epoll: one system call for each read and
/// each gathered write.
class asio_channel final : public channel {
public:
  asio_channel(loop& host, stream_socket socket, channel_user& user);

  void flush() override;
  void flush_now() override;
  void read(bool on) override;
  [[nodiscard]] int descriptor() override;
  void close() override;

private:
  void shutdown_send() override;
  void stop_reading() override;
  [[nodiscard]] bool is_reading() const override;
  [[nodiscard]] int detach() override;
  void wait_for_input();
  void on_input(error_code error, std::size_t size);
  void write();

  stream_socket socket_;
  /// Takes what is small without a buffer for each quiet connection; what is
  /// longer goes on in the loop's own buffer.
  std::array<char, 256> small_;
  bool wanted_ = false;  ///< input is welcome
  bool reading_ = false; ///< a read is under way
  bool blocked_ = false; ///< the socket takes nothing now
  bool failed_ = false;
};

} // namespace observer::io
