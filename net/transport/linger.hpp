#pragma once

#include "net/transport/net.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>

namespace observer::transport {

/// Ends our side of a connection, and throws away what still comes until the
/// peer has ended its own: closing with bytes unread resets the connection, and
/// the peer may lose what it was told last (RFC 9112, section 9.6).
///
/// `done` is called once, never from within; it must keep the socket alive, and
/// somebody else must bound the time. The bytes are bounded here.
void linger(tcp::socket& socket, std::function<void()> done);

} // namespace observer::transport
