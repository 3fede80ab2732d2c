#include "net/http/router.hpp"

#include "net/http/target.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace observer::http {

namespace {

constexpr std::string_view wildcard = "{}";

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> result;
  while (!path.empty()) {
    path.remove_prefix(1); // the slash
    auto end = std::min(path.find('/'), path.size());
    result.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return result;
}

/// Whether `path` fits; fills `arguments` with what stood for wildcards.
bool matches(const std::vector<std::string>& pattern,
             const std::vector<std::string>& path,
             std::vector<std::string>& arguments) {
  if (pattern.size() != path.size())
    return false;
  arguments.clear();
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == wildcard)
      arguments.push_back(path[i]);
    else if (pattern[i] != path[i])
      return false;
  }
  return true;
}

} // namespace

std::optional<std::string_view>
routed_request::parameter(std::string_view name) const {
  auto i = query.find(name);
  return i != query.end() ? std::optional<std::string_view>{i->second}
                          : std::nullopt;
}

router::router(std::vector<route> routes) {
  for (auto& x : routes) {
    auto segments = split(x.pattern);
    entries_.push_back({std::move(segments), std::move(x)});
  }
}

void router::operator()(const request& in, const responder& respond) const {
  auto target = split_target(in.target());
  if (in.method() == verb::options
      && (target.path == "*" || target.path == "/")) {
    auto out = make_response(status::ok, {}, {}); // a load balancer's check
    out.set(field::allow, "GET, HEAD, OPTIONS");
    return respond(std::move(out));
  }
  std::string whole{target.path}; // Boost.URL 1.81 reads on behind a part
  auto url = boost::urls::parse_origin_form(whole);
  if (!url)
    return respond(make_error(status::bad_request, "bad_request",
                              "the target is not a path"));
  std::vector<std::string> path;
  for (auto segment : url->segments())
    path.push_back(segment);
  routed_request routed{in, {}, {}};
  for (auto& entry : entries_) {
    if (!matches(entry.segments, path, routed.arguments))
      continue;
    if (in.method() != verb::get && in.method() != verb::head) {
      auto out = make_error(status::method_not_allowed, "method_not_allowed",
                            "only GET and HEAD are served here");
      out.set(field::allow, "GET, HEAD");
      return respond(std::move(out));
    }
    for (auto& [name, value] : parse_query(target.query))
      routed.query.emplace(std::move(name), std::move(value));
    return entry.target.serve(routed, respond);
  }
  respond(make_error(status::not_found, "not_found", "there is nothing here"));
}

} // namespace observer::http
