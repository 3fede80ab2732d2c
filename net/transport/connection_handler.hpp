#pragma once

#include "net/engineio/outgoing.hpp"
#include "net/engineio/session.hpp"
#include "net/transport/timer_queue.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace observer::transport {

/// One Engine.IO connection, as the application uses it. All calls happen on
/// its loop.
class connection {
public:
  virtual ~connection() = default;

  /// Queues packets behind all that are queued.
  virtual void send(const engineio::outgoing_ptr& packets) = 0;

  /// Ends the connection, after what is queued. `on_closed` follows.
  virtual void close(engineio::close_reason reason) = 0;

  /// Holds back further input until resumed, so that the client must wait.
  virtual void pause(bool paused) = 0;

  /// Bytes that wait for the client to read.
  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;

  [[nodiscard]] virtual engineio::transport transport() const = 0;

  /// The peer's address, without port.
  [[nodiscard]] virtual const std::string& address() const = 0;

  /// Deadlines of this connection's loop.
  [[nodiscard]] virtual timer_queue& timers() = 0;
};

/// The application behind one connection: the seam that `net/transport` calls
/// and others implement.
class connection_handler {
public:
  virtual ~connection_handler() = default;

  /// The handshake is done.
  virtual void on_open() = 0;

  virtual void on_message(std::string_view data, bool binary) = 0;

  /// The last call. `client_close` means the client took its leave.
  virtual void on_closed(engineio::close_reason reason) = 0;
};

/// Makes the handler of a new connection, which outlives it.
using handler_factory
  = std::function<std::shared_ptr<connection_handler>(connection&)>;

} // namespace observer::transport
