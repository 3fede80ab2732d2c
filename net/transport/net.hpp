#pragma once

#include "net/io/net.hpp"

namespace observer::transport {

namespace net = io::net;
using io::error_code;
using io::tcp;

} // namespace observer::transport
