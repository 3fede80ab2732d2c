#include "tools/loadgen/client_loop.hpp"

#include "tools/loadgen/connection.hpp"
#include "tools/loadgen/websocket.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <stdexcept>

namespace observer::loadgen {

target resolve(const std::string& url) {
  auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme() != "http" || parsed->host().empty())
    throw std::runtime_error{"'" + url + "' is no URL such as "
                             + "http://127.0.0.1:3000"};
  auto host = parsed->host_address();
  std::string port = parsed->has_port() ? std::string{parsed->port()} : "80";
  net::io_context io;
  error_code error;
  auto found = tcp::resolver{io}.resolve(host, port, error);
  if (error || found.empty())
    throw std::runtime_error{"cannot resolve " + host + ": " + error.message()};
  std::string path = parsed->path();
  if (path.empty() || path == "/")
    path = "/socket.io/";
  return {found.begin()->endpoint(),
          upgrade_request(std::string{parsed->encoded_host_and_port()},
                          path + "?EIO=4&transport=websocket")};
}

void client_loop::flush() {
  while (!marked_.empty()) {
    flushing_.swap(marked_);
    for (auto* x : flushing_)
      x->flush();
    flushing_.clear();
  }
}

} // namespace observer::loadgen
