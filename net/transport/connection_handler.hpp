#pragma once

#include "net/engineio/outgoing.hpp"
#include "net/engineio/session.hpp"
#include "net/http/message.hpp"
#include "net/io/timer_queue.hpp"
#include "net/transport/connection_life.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace observer::transport {

/// One Engine.IO connection, as the application uses it. All calls happen on
/// its loop.
///
/// No call to it comes back: what it leads to, `on_closed` above all, is told
/// once all that is under way has returned. So whoever sends, or closes, is
/// still there afterwards, and everything is as it was before.
class connection {
public:
  virtual ~connection() = default;

  /// Queues packets behind all that are queued. May find that the client does
  /// not read, and end the connection, as `close` does.
  virtual void send(const engineio::outgoing_ptr& packets) = 0;

  /// Ends the connection, after what is queued. `on_closed` follows, later; no
  /// `on_message` comes before it.
  /// @param detail for whoever asks why: `life` tells it
  virtual void close(engineio::close_reason reason, std::string_view detail)
    = 0;

  void close(engineio::close_reason reason) {
    close(reason, {});
  }

  /// The client has entered a namespace: it is no longer one of those that only
  /// hold a place at the door (`options::unconnected_per_address`).
  virtual void entered() = 0;

  /// Holds back further input until resumed, so that the client must wait.
  virtual void pause(bool paused) = 0;

  /// Bytes that wait for the client to read.
  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;

  [[nodiscard]] virtual engineio::transport transport() const = 0;

  [[nodiscard]] virtual engineio::protocol version() const = 0;

  /// The POST that carries the message that is being delivered; null outside
  /// of `on_message` and on a WebSocket.
  [[nodiscard]] virtual const http::request* carrier() const = 0;

  /// The application holds so many bytes of what came, which it cannot make use
  /// of before others come.
  /// @returns false if the address holds too many: close the connection
  [[nodiscard]] virtual bool hold(std::size_t bytes) = 0;

  /// The peer's address, without port.
  [[nodiscard]] virtual const std::string& address() const = 0;

  /// What it went through so far; once it is over, until then.
  [[nodiscard]] virtual transport::connection_life life() const = 0;

  /// Deadlines of this connection's loop.
  [[nodiscard]] virtual io::timer_queue& timers() = 0;
};

/// The application behind one connection: the seam that `net/transport` calls
/// and others implement. Its connection keeps it until `on_closed` has
/// returned, or until the loop goes; it need not keep itself in its calls.
class connection_handler {
public:
  virtual ~connection_handler() = default;

  /// The handshake is done.
  virtual void on_open() = 0;

  virtual void on_message(std::string_view data, bool binary) = 0;

  /// The last call, and never from within a call to the connection.
  /// `client_close` means the client took its leave.
  virtual void on_closed(engineio::close_reason reason) = 0;
};

/// Makes the handler of a new connection, which outlives it. The request is the
/// handshake's, and valid during the call.
using handler_factory = std::function<std::shared_ptr<connection_handler>(
  connection&, const http::request&)>;

/// Header fields that are added to an answer.
using header_fields = std::vector<std::pair<std::string, std::string>>;

/// What an application says to a handshake.
struct admission {
  /// Why the client is not let in; it is if there is none.
  std::optional<engineio::refusal> refused;

  /// Added to the handshake's answer, e.g. `Set-Cookie`.
  header_fields headers;
};

/// Decides on a handshake, now or later, by calling once what it is given, on
/// the loop that asked. The request is valid until then.
using admission_check = std::function<void(
  const http::request&, const std::function<void(admission)>&)>;

/// Where Engine.IO is served, and for whom.
struct endpoint {
  std::string path; ///< with a slash at its end, e.g. `/socket.io/`
  handler_factory make_handler;
  admission_check admit = nullptr; ///< null: all are let in
};

} // namespace observer::transport
