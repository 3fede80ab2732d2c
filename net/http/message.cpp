#include "net/http/message.hpp"

#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/serializer.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <ctime>
#include <string>
#include <utility>

namespace observer::http {

response make_response(status code, std::string_view type, shared_text body) {
  response result{code, 11};
  if (!type.empty())
    result.set(field::content_type, type);
  result.body() = std::move(body);
  return result;
}

response make_json(status code, shared_text body) {
  auto result = make_response(code, "application/json; charset=utf-8",
                              std::move(body));
  result.set(field::cache_control, "no-store");
  return result;
}

response make_error(status code, std::string_view name,
                    std::string_view message) {
  boost::json::object error;
  error["code"] = name;
  error["message"] = message;
  boost::json::object body;
  body["error"] = std::move(error);
  return make_json(code, boost::json::serialize(body));
}

std::string to_head(const response& answer) {
  beast_http::response_serializer<shared_body> writer{answer};
  writer.split(true);
  std::string result;
  boost::beast::error_code ignored; // nothing here can fail
  while (!writer.is_header_done())
    writer.next(ignored, [&](auto&, const auto& pieces) {
      for (auto piece : boost::beast::buffers_range_ref(pieces))
        result.append(static_cast<const char*>(piece.data()), piece.size());
      writer.consume(boost::beast::buffer_bytes(pieces));
    });
  return result;
}

std::string to_date(std::chrono::system_clock::time_point x) {
  auto seconds = std::chrono::system_clock::to_time_t(x);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text;
  // Nobody sets a locale, so the names are English.
  auto size = std::strftime(text.data(), text.size(),
                            "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

void add_common_fields(beast_http::fields& out) {
  out.set(field::date, to_date(std::chrono::system_clock::now()));
  out.set("X-Content-Type-Options", "nosniff");
}

void announce_keep_alive(beast_http::fields& out,
                         std::chrono::milliseconds idle_time) {
  auto seconds = std::chrono::floor<std::chrono::seconds>(idle_time).count();
  if (seconds == 0) // no client reads that as "for a moment"
    return;
  out.set(field::connection, "keep-alive");
  out.set(field::keep_alive, "timeout=" + std::to_string(seconds));
}

} // namespace observer::http
