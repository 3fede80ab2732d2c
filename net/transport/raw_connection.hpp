#pragma once

#include "net/io/channel.hpp"
#include "net/transport/door.hpp"

#include <memory>
#include <string>

namespace observer::transport {

/// A connection on its way from HTTP to what it was upgraded to, which makes
/// itself the channel's user.
struct raw_connection {
  std::unique_ptr<io::channel> channel;
  std::string unread; ///< came behind the request, and was not read
  door::pass pass;    ///< goes with the channel
};

} // namespace observer::transport
