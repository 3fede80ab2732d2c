#include "net/http/target.hpp"

#include "net/http/authority.hpp"

#include <boost/beast/core/string.hpp>

#include <algorithm>
#include <charconv>

namespace observer::http {

namespace {

std::string decode(std::string_view in) {
  std::string out;
  out.reserve(in.size());
  while (!in.empty()) {
    std::size_t length = 1;
    auto c = static_cast<unsigned char>(in.front());
    if (c == '+') {
      c = ' ';
    } else if (c == '%' && in.size() > 2) {
      const auto* digits = in.data() + 1;
      unsigned char value = 0;
      if (std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
        c = value;
        length = 3;
      }
    }
    out += static_cast<char>(c);
    in.remove_prefix(length);
  }
  return out;
}

/// Takes what stands before `separator`, or all, from `in`, and it with it.
std::string_view take(std::string_view& in, char separator) {
  auto end = std::min(in.find(separator), in.size());
  auto result = in.substr(0, end);
  in.remove_prefix(std::min(end + 1, in.size()));
  return result;
}

} // namespace

target_parts split_target(std::string_view target) {
  auto rest = take(target, '#'); // nobody should send a fragment
  auto path = take(rest, '?');
  return {path, rest};
}

parameters parse_query(std::string_view query) {
  parameters result;
  while (!query.empty()) {
    auto value = take(query, '&');
    if (value.empty())
      continue;
    auto name = take(value, '=');
    result.emplace_back(decode(name), decode(value));
  }
  return result;
}

void to_origin_form(request& in) {
  std::string_view rest = in.target();
  auto scheme_end = rest.find("://");
  if (scheme_end == std::string_view::npos)
    return;
  auto scheme = rest.substr(0, scheme_end);
  if (!boost::beast::iequals(scheme, "http")
      && !boost::beast::iequals(scheme, "https"))
    return;
  rest.remove_prefix(scheme_end + 3);
  auto path_begin = std::min(rest.find_first_of("/?#"), rest.size());
  std::string host{rest.substr(0, path_begin)};
  if (!parse_authority(host))
    return;
  std::string target{rest.substr(path_begin)};
  if (!target.starts_with('/'))
    target.insert(target.begin(), '/');
  in.target(target);
  in.set(field::host, host);
}

} // namespace observer::http
