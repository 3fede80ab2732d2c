#include "net/transport/request_head.hpp"

#include "net/http/field_list.hpp"
#include "net/http/target.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <iterator>
#include <utility>

namespace observer::transport {

namespace beast = boost::beast;

namespace {

constexpr head_fault head_too_large{
  http::status::request_header_fields_too_large, "too_large",
  "the request head is too large", &limit_counts::head_bytes};

} // namespace

void set_limits(request_parser& parser, const options& limits) {
  parser.header_limit(static_cast<std::uint32_t>(limits.head_bytes));
  parser.body_limit(limits.engine.max_payload);
}

std::optional<head_fault> check_head(const http::request& in,
                                     const options& limits) {
  if (in.target().size() > limits.target_bytes)
    return head_fault{http::status::uri_too_long, "too_large",
                      "the target is too long", &limit_counts::target_bytes};
  auto fields = std::distance(in.begin(), in.end());
  if (static_cast<std::size_t>(fields) > limits.head_fields)
    return head_fault{http::status::request_header_fields_too_large,
                      "too_large", "too many header fields",
                      &limit_counts::head_fields};
  std::size_t bytes = 0; // of the trailer as well: Beast does not limit it
  for (const auto& line : in)
    bytes += line.name_string().size() + line.value().size();
  if (bytes > limits.head_bytes)
    return head_too_large;
  // RFC 9112, sections 3.2 and 6.3: anything else smells of smuggling.
  if (in.version() >= 11 && in.count(http::field::host) != 1)
    return head_fault{http::status::bad_request, "bad_request",
                      "exactly one Host is needed"};
  auto lengths = in.count(http::field::content_length);
  auto codings = in.count(http::field::transfer_encoding);
  // Beast takes `Content-Length: 2, 2` for one.
  auto is_list = in[http::field::content_length].find(',')
                 != beast::string_view::npos;
  if (lengths > 1 || is_list || codings > 1 || (lengths > 0 && codings > 0))
    return head_fault{http::status::bad_request, "bad_request",
                      "ambiguous length of the body"};
  if (codings > 0
      && (in.version() < 11
          || !beast::iequals(in[http::field::transfer_encoding], "chunked")))
    return head_fault{http::status::bad_request, "bad_request",
                      "unknown transfer coding"};
  return std::nullopt;
}

std::optional<head_fault> fault_of(boost::system::error_code error) {
  using beast_error = beast::http::error;
  if (error == beast_error::body_limit)
    return head_fault{
      http::status::payload_too_large, {}, {}, &limit_counts::payload_bytes};
  if (error == beast_error::header_limit)
    return head_too_large;
  auto from_parser = error.category()
                     == make_error_code(beast_error::bad_method).category();
  if (from_parser && error != beast_error::end_of_stream
      && error != beast_error::partial_message)
    return head_fault{http::status::bad_request, "bad_request",
                      "this is no HTTP request"};
  return std::nullopt;
}

void normalize(http::request& in) {
  http::combine_lines(in);
  http::to_origin_form(in);
}

engineio::query parse_query(std::string_view target) {
  engineio::query result;
  auto keep_first = [](std::string& kept, std::string& value) {
    if (kept.empty())
      kept = std::move(value);
  };
  for (auto& [name, value] :
       http::parse_query(http::split_target(target).query)) {
    if (name == "transport")
      keep_first(result.transport, value);
    else if (name == "sid")
      keep_first(result.sid, value);
    else if (name == "EIO")
      keep_first(result.version, value);
  }
  return result;
}

bool is_websocket_key(std::string_view text) {
  constexpr std::size_t digits = 22; // of 16 bytes, and two that fill up
  return text.size() == digits + 2 && text.substr(digits) == "=="
         && text.find_first_not_of(
              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
              "stuvwxyz0123456789+/")
              == digits;
}

} // namespace observer::transport
