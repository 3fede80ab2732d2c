#pragma once

#include "tools/loadgen/clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace observer::loadgen {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

class connection;

/// Where all connections go.
struct target {
  tcp::endpoint endpoint;
  std::string request; ///< what opens a WebSocket there
};

/// Looks up the host of an `http://` URL.
/// @throws std::runtime_error that says what is wrong with it.
[[nodiscard]] target resolve(const std::string& url);

/// What the connections of one thread share.
class client_loop {
public:
  client_loop(const target& where, std::uint64_t seed)
    : target_(where),
      random_(seed),
      mask_(seed * 2 + 1) {
  }

  [[nodiscard]] net::io_context& io() noexcept {
    return io_;
  }

  [[nodiscard]] const loadgen::target& where() const noexcept {
    return target_;
  }

  /// Every read goes here first: idle connections need no memory of their own.
  [[nodiscard]] auto& read_buffer() noexcept {
    return *read_buffer_;
  }

  [[nodiscard]] std::mt19937_64& random() noexcept {
    return random_;
  }

  /// A key for the next frame. Masks protect proxies from scripts in browsers,
  /// so a plain generator is good enough here.
  [[nodiscard]] std::uint32_t next_mask() noexcept {
    mask_ ^= mask_ << 13;
    mask_ ^= mask_ >> 7;
    mask_ ^= mask_ << 17;
    return static_cast<std::uint32_t>(mask_ >> 16);
  }

  /// `x` has something to write.
  void mark(connection& x) {
    marked_.push_back(&x);
  }

  /// Writes what was gathered; to be called at the end of every handler.
  void flush();

private:
  static constexpr std::size_t buffer_size = 256U << 10;

  net::io_context io_{1};
  loadgen::target target_;
  std::unique_ptr<std::array<char, buffer_size>> read_buffer_
    = std::make_unique<std::array<char, buffer_size>>();
  std::mt19937_64 random_;
  std::uint64_t mask_;
  std::vector<connection*> marked_;
  std::vector<connection*> flushing_;
};

} // namespace observer::loadgen
