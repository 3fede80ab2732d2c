#include "net/http/message.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

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

} // namespace observer::http
