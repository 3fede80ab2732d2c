#pragma once

#include "net/http/message.hpp"
#include "net/transport/raw_connection.hpp"

namespace observer::transport {

class worker;

/// Accepts the WebSocket that `request` asks for only to close it. Clients take
/// a close for an answer, and a connection that breaks for a failure.
void turn_away(worker& host, raw_connection from, const http::request& request);

} // namespace observer::transport
