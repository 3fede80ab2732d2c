#pragma once

#include <boost/asio/ip/tcp.hpp>

/// Names that every Asio and Beast reader knows.
namespace observer::io {

namespace net = boost::asio;
using tcp = boost::asio::ip::tcp;
using boost::system::error_code;

} // namespace observer::io
