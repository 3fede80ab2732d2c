#pragma once

#include "net/http/shared_body.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

/// HTTP requests and answers as values.
namespace observer::http {

namespace beast_http = boost::beast::http;

using request = beast_http::request<beast_http::string_body>;
using response = beast_http::response<shared_body>;
using status = beast_http::status;
using verb = beast_http::verb;
using field = beast_http::field;

/// Takes the answer to one request. To be called once, on the loop that asked.
using responder = std::function<void(response)>;

/// Answers requests, now or later.
using handler = std::function<void(const request&, const responder&)>;

/// An answer with a body.
[[nodiscard]] response make_response(status code, std::string_view type,
                                     shared_text body);

/// A JSON answer that no cache keeps.
[[nodiscard]] response make_json(status code, shared_text body);

/// `{"error":{"code":...,"message":...}}`.
[[nodiscard]] response make_error(status code, std::string_view name,
                                  std::string_view message);

/// The head of an answer, as it goes over the wire.
[[nodiscard]] std::string to_head(const response& answer);

/// A time as HTTP writes it, e.g. `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110,
/// section 5.6.7).
[[nodiscard]] std::string to_date(std::chrono::system_clock::time_point x);

/// Adds the fields that every answer has: when it was made, and that no browser
/// must take it for something else than it says.
void add_common_fields(beast_http::fields& out);

/// Tells the client how long the connection is kept when it is quiet, in whole
/// seconds, so that no request meets one that is being closed.
void announce_keep_alive(beast_http::fields& out,
                         std::chrono::milliseconds idle_time);

} // namespace observer::http
