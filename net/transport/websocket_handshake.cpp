#include "net/transport/websocket_handshake.hpp"

// Boost has SHA-1 for its own use only.
#include <boost/beast/websocket/detail/hybi13.hpp>

namespace observer::transport {

std::string accept_handshake(const http::request& request,
                             const header_fields& headers) {
  namespace websocket = boost::beast::websocket;
  websocket::detail::sec_ws_accept_type proof;
  websocket::detail::make_sec_ws_accept(
    proof, request[http::field::sec_websocket_key]);
  http::response answer{http::status::switching_protocols, request.version()};
  answer.set(http::field::server, "Observer");
  answer.set(http::field::upgrade, "websocket");
  answer.set(http::field::connection, "upgrade");
  answer.set(http::field::sec_websocket_accept,
             boost::beast::string_view{proof.data(), proof.size()});
  http::add_common_fields(answer);
  for (const auto& [name, value] : headers)
    answer.insert(name, value);
  return http::to_head(answer);
}

} // namespace observer::transport
