#pragma once

#include "net/engineio/session.hpp"
#include "net/http/origin.hpp"
#include "net/io/backend.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>

namespace observer::transport {

class connection;

/// What the transport is set to (PROMISES.md, "Parsing" and "Time").
struct options {
  engineio::session_options engine;

  /// Who may speak to the server from a web page.
  http::origin_policy origins;

  /// Refuse everybody who calls the server by a name that `origins` does not
  /// know. Otherwise, only web pages are refused so, and over loopback.
  bool known_hosts_only = false;

  /// A polling answer over this many bytes is compressed, if the client takes
  /// gzip. Unset: never.
  std::optional<std::size_t> compress_above = 1024;

  /// Of a request, else 431. At most 32,000: half of what a field of Beast may
  /// hold, before it throws, because so much may come in a trailer.
  std::size_t head_bytes = std::size_t{16} * 1024;

  std::size_t target_bytes = std::size_t{8}
                             * 1024; ///< of a request line's target, else 414
  std::size_t head_fields = 100;     ///< header fields, else 431

  std::chrono::milliseconds head_timeout = std::chrono::seconds{10};
  std::chrono::milliseconds body_timeout = std::chrono::seconds{30};

  /// Longer than the 60 s of common load balancers: who closes first must be
  /// they, or a request may meet a connection that is being closed.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds{75};

  io::backend backend = io::backend::automatic;

  /// A WebSocket message of this many bytes or more is compressed, if the
  /// client takes permessage-deflate. Unset: nothing is, whoever offers it.
  std::optional<std::size_t> deflate_above;

  /// From the first byte of a WebSocket message to its last.
  std::chrono::milliseconds message_timeout = std::chrono::seconds{30};

  /// Frames of one WebSocket message.
  std::size_t fragments = 1024;

  /// Bytes that one connection may have queued before it is cut off.
  std::size_t queue_bytes = std::size_t{1024} * 1024;

  /// Hears of a client that has left half of its queue unread, and once more
  /// when it reads again, or is gone. On that client's loop; null: nobody does.
  std::function<void(const connection&, std::size_t waiting, bool behind)>
    on_backlog;

  /// Engine.IO sessions at a time; a handshake over it is answered 503.
  std::size_t max_connections = std::numeric_limits<std::size_t>::max();

  /// Connections of one address that have not entered a namespace; a handshake
  /// over it is answered 429.
  std::size_t unconnected_per_address = 2000;

  /// Percent of the descriptors, and of the sessions, that one address may have
  /// while nobody else is there: see `door`.
  double address_share = 50;

  /// Bytes of requests and messages whose end has not come, of one address. A
  /// request over it is answered 429, a WebSocket closed.
  std::size_t unfinished_per_address = std::size_t{64} * 1024 * 1024;

  /// A handshake on a connection whose descriptor is not below this is answered
  /// 503, so that who is inside can go on.
  std::size_t max_descriptor = std::numeric_limits<std::size_t>::max();
};

} // namespace observer::transport
