#pragma once

#include "net/engineio/outgoing.hpp"
#include "net/transport/connection_handler.hpp"
#include "net/transport/raw_connection.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace observer::transport {

class worker;

/// How the server ends a WebSocket. What the peer breaks, the link ends by
/// itself (1002, 1007, 1008, 1009).
enum class websocket_close {
  normal,  ///< an empty close frame
  hang_up, ///< no close frame behind what is queued, but the end of TCP: some
           ///< clients see only the one, and wait for the other in vain
  now,     ///< no close frame: the peer would not read it
};

/// Bytes that a connection has carried, heads of frames and all.
struct traffic {
  std::uint64_t received = 0;
  std::uint64_t sent = 0;
};

/// Who listens to a WebSocket.
class websocket_observer {
public:
  virtual ~websocket_observer() = default;

  virtual void on_message(std::string_view data, bool binary) = 0;

  /// The link queued an answer of its own, a pong: time to see whether the peer
  /// reads at all.
  virtual void on_answered() = 0;

  /// The connection is gone; the last call.
  virtual void on_closed(engineio::close_reason why) = 0;
};

/// One WebSocket connection. The observer must outlive it, or leave it with
/// `set_observer(nullptr)`. The link keeps itself while it calls; of what is
/// called here, only what says so calls back.
class websocket_link {
public:
  virtual ~websocket_link() = default;

  /// Queues frames; they leave when the loop's turn ends.
  virtual void send(const engineio::outgoing_ptr& packets) = 0;

  /// Sends now what the socket takes. May find it broken: `on_closed`.
  virtual void flush_now() = 0;

  /// Ends the connection. `on_closed` follows, or comes at once, unless nobody
  /// observes.
  virtual void close(websocket_close how) = 0;

  /// Stops or resumes reading, so that TCP pushes back.
  virtual void pause_reading(bool paused) = 0;

  /// Hands the link to another observer; null: nobody listens any more.
  virtual void set_observer(websocket_observer* next) = 0;

  [[nodiscard]] virtual std::size_t queued_bytes() const = 0;

  /// Behind the opening handshake.
  [[nodiscard]] virtual traffic carried() const = 0;
};

using websocket_link_ptr = std::shared_ptr<websocket_link>;

/// Accepts the WebSocket that `request` asks for. It is open: the answer is
/// queued. The observer is called later.
/// @param headers are added to the answer.
websocket_link_ptr accept_websocket(worker& host, raw_connection from,
                                    const http::request& request,
                                    websocket_observer& observer,
                                    const header_fields& headers = {});

} // namespace observer::transport
