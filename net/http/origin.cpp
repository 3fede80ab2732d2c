#include "net/http/origin.hpp"

#include <algorithm>

namespace observer::http {

origin_policy::origin_policy(std::vector<std::string> allowed)
  : allowed_(std::move(allowed)),
    all_(std::find(allowed_.begin(), allowed_.end(), "*") != allowed_.end()) {
}

bool origin_policy::allows(const request& in) const {
  std::string_view origin = in[field::origin];
  if (origin.empty() || all_)
    return true;
  std::string_view host = in[field::host];
  auto scheme_end = origin.find("://");
  if (scheme_end != std::string_view::npos
      && origin.substr(scheme_end + 3) == host)
    return true;
  return std::find(allowed_.begin(), allowed_.end(), origin) != allowed_.end();
}

void origin_policy::add_headers(const request& in, response& out) const {
  std::string_view origin = in[field::origin];
  if (all_) {
    out.set(field::access_control_allow_origin, "*");
    return;
  }
  // What is answered depends on who asks: caches must know.
  if (!allowed_.empty())
    out.insert(field::vary, "Origin");
  if (origin.empty() || !allows(in))
    return;
  out.set(field::access_control_allow_origin, origin);
  out.set(field::access_control_allow_credentials, "true");
}

bool origin_policy::is_preflight(const request& in) {
  return in.method() == verb::options
         && in.find(field::access_control_request_method) != in.end();
}

response origin_policy::answer_preflight(const request& in) const {
  response out{status::no_content, 11};
  if (allows(in)) {
    out.set(field::access_control_allow_methods,
            "GET,HEAD,PUT,PATCH,POST,DELETE");
    std::string_view wanted = in[field::access_control_request_headers];
    if (!wanted.empty()) {
      out.set(field::access_control_allow_headers, wanted);
      out.insert(field::vary, "Access-Control-Request-Headers");
    }
  }
  return out;
}

} // namespace observer::http
