#pragma once

#include "net/io/channel.hpp"
#include "net/io/timer_queue.hpp"

#include <memory>

namespace observer::io {

class loop;

/// Ends our side of a connection once all that is queued has left, and throws
/// away what still comes until the peer has ended its own: closing with bytes
/// unread resets the connection, and the peer may lose what it was told last
/// (RFC 9112, section 9.6).
///
/// @param due when it is closed in any case; sooner, if the peer sends much
/// @param keep goes with the connection
void linger(loop& host, std::unique_ptr<channel> connection,
            timer_queue::time_point due, std::shared_ptr<void> keep);

} // namespace observer::io
