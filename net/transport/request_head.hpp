#pragma once

#include "net/engineio/request.hpp"
#include "net/http/message.hpp"
#include "net/transport/limit_counts.hpp"
#include "net/transport/options.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/system/error_code.hpp>

#include <optional>
#include <string_view>

/// What is decided about a request before anybody serves it. No I/O.
namespace observer::transport {

using request_parser
  = boost::beast::http::request_parser<boost::beast::http::string_body>;

/// Makes `parser` refuse heads and bodies over the limits.
void set_limits(request_parser& parser, const options& limits);

/// Bytes that may wait for `parser`: it limits neither the extensions of a
/// chunk nor the trailer by itself.
[[nodiscard]] constexpr std::size_t buffer_bytes(const options& limits) {
  return 2
         * limits.head_bytes; // a head over its limit must fit, to be answered
}

/// Why a request is refused.
struct head_fault {
  http::status code;
  std::string_view name; ///< empty: the answer has no body
  std::string_view message;
  limit_counts::counter limit_counts::*met = nullptr; ///< which limit, if one
};

/// Checks a head that the parser let through (PROMISES.md, "Parsing"). To be
/// called again when the body is there, because the parser puts the trailer
/// fields of a chunked one among those of the head.
[[nodiscard]] std::optional<head_fault> check_head(const http::request& in,
                                                   const options& limits);

/// What a failed read is answered with; nothing where nobody listens.
[[nodiscard]] std::optional<head_fault>
fault_of(boost::system::error_code error);

/// Brings a request that was read into the one form that all others look at:
/// each field on one line, the target in origin-form.
void normalize(http::request& in);

/// The Engine.IO part of a target's query: the first value that is not empty
/// counts.
[[nodiscard]] engineio::query parse_query(std::string_view target);

/// Whether it is 16 bytes in base64, as a `Sec-WebSocket-Key` must be (RFC
/// 6455, section 4.2.1).
[[nodiscard]] bool is_websocket_key(std::string_view text);

} // namespace observer::transport
