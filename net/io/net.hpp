#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>

/// Names that every Asio and Beast reader knows.
namespace observer::io {

namespace net = boost::asio;
using tcp = boost::asio::ip::tcp;
using boost::system::error_code;

/// A connected socket of any family.
using stream_socket = net::generic::stream_protocol::socket;

} // namespace observer::io
