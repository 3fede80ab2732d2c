#include "tools/observerctl/admin_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/json/parse.hpp>
#include <boost/url/parse.hpp>

#include <limits>
#include <stdexcept>

namespace observer {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::asio::ip::tcp;

namespace {

constexpr auto timeout = std::chrono::seconds{15};

http::response<http::string_body>
get(const std::string& host, const std::string& port, const std::string& token,
    const std::string& path) {
  boost::asio::io_context context;
  tcp::resolver resolver{context};
  beast::tcp_stream stream{context};
  stream.expires_after(timeout);
  stream.connect(resolver.resolve(host, port));
  http::request<http::empty_body> request{http::verb::get, path, 11};
  request.set(http::field::host, host + ":" + port);
  request.set(http::field::authorization, "Bearer " + token);
  http::write(stream, request);
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  http::read(stream, buffer, parser);
  return parser.release();
}

} // namespace

std::string fetch_text(const std::string& url, const std::string& token,
                       const std::string& path) {
  auto parsed = boost::urls::parse_uri(url);
  if (!parsed || parsed->scheme() != "http" || parsed->port().empty())
    throw std::runtime_error{"'" + url + "' is not http://ADDRESS:PORT"};
  http::response<http::string_body> response;
  try {
    response = get(parsed->host_address(), parsed->port(), token, path);
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error{"cannot reach " + url + ": "
                             + error.code().message()};
  }
  if (response.result() == http::status::unauthorized)
    throw std::runtime_error{"the server refuses this token"};
  if (response.result() == http::status::too_many_requests)
    throw std::runtime_error{"too many wrong tokens were tried; again in "
                             + std::string{response[http::field::retry_after]}
                             + " s"};
  if (response.result() == http::status::not_found)
    throw std::runtime_error{"not found"};
  if (response.result() != http::status::ok)
    throw std::runtime_error{"the server answered "
                             + std::to_string(response.result_int())};
  return std::move(response.body());
}

boost::json::value fetch(const std::string& url, const std::string& token,
                         const std::string& path) {
  boost::system::error_code error;
  auto result = boost::json::parse(fetch_text(url, token, path), error);
  if (error)
    throw std::runtime_error{"the server did not answer in JSON"};
  return result;
}

} // namespace observer
