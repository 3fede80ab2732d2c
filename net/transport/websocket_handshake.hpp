#pragma once

#include "net/http/message.hpp"
#include "net/transport/connection_handler.hpp"

#include <string>

namespace observer::transport {

/// What accepts the WebSocket that a checked `request` asks for, as it goes
/// over the wire (RFC 6455, section 4.2.2).
[[nodiscard]] std::string accept_handshake(const http::request& request,
                                           const header_fields& headers);

} // namespace observer::transport
