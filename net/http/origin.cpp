#include "net/http/origin.hpp"

#include <algorithm>

namespace observer::http {

origin_policy::origin_policy(const std::vector<std::string>& allowed,
                             const std::vector<std::string>& hosts)
  : all_(std::find(allowed.begin(), allowed.end(), "*") != allowed.end()) {
  for (auto& text : allowed) {
    if (auto parsed = parse_origin(text)) {
      if (is_web(*parsed))
        hosts_.push_back(parsed->host);
      allowed_.push_back(*std::move(parsed));
    }
  }
  for (auto& text : hosts)
    if (auto parsed = parse_authority(text))
      hosts_.push_back(std::move(parsed->host));
}

bool origin_policy::lists(const origin& x) const {
  return std::find(allowed_.begin(), allowed_.end(), x) != allowed_.end();
}

bool origin_policy::knows(const authority& x) const {
  // Nobody can have a page under a name that ends in .localhost (RFC 6761).
  return x.is_address || x.host == "localhost" || x.host.ends_with(".localhost")
         || std::find(hosts_.begin(), hosts_.end(), x.host) != hosts_.end();
}

bool origin_policy::allows(const request& in) const {
  std::string_view text = in[field::origin];
  if (text.empty() || all_)
    return true;
  auto from = parse_origin(text);
  if (!from)
    return false;
  auto host = parse_authority(in[field::host]);
  return (host && is_same(*from, *host)) || lists(*from);
}

namespace {

/// Whether a browser sends it, of itself or for a page. What a page cannot keep
/// back in all browsers: they call themselves Mozilla.
bool is_of_browser(const request& in) {
  return in.find(field::origin) != in.end()
         || in.find("Sec-Fetch-Site") != in.end()
         || in.find(field::referer) != in.end()
         || std::string_view{in[field::user_agent]}.starts_with("Mozilla/");
}

} // namespace

bool origin_policy::trusts_host(const request& in, host_rule rule) const {
  if (rule == host_rule::nobody)
    return true;
  if (rule == host_rule::pages) {
    if (!is_of_browser(in) || all_)
      return true;
    // A page that is named does not need to pass for one of ours.
    if (auto from = parse_origin(in[field::origin]); from && lists(*from))
      return true;
  }
  auto host = parse_authority(in[field::host]);
  return host && knows(*host);
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
