#include "net/http/authority.hpp"

#include <boost/url/authority_view.hpp>
#include <boost/url/ipv6_address.hpp>

#include <algorithm>
#include <array>

namespace observer::http {

namespace {

// ASCII, whatever the locale.

constexpr char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_letter(char c) {
  return to_lower(c) >= 'a' && to_lower(c) <= 'z';
}

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Of a host name. No pattern, and nothing that has to be decoded.
constexpr bool is_name_char(char c) {
  return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

constexpr bool is_scheme_char(char c) {
  return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
}

std::string lower(std::string_view in) {
  std::string result{in};
  std::transform(result.begin(), result.end(), result.begin(), to_lower);
  return result;
}

struct web_scheme {
  std::string_view name;
  std::string_view same_as;
  std::uint16_t port;
};

constexpr std::array<web_scheme, 4> web_schemes{{
  {"http", "http", 80},
  {"ws", "http", 80},
  {"https", "https", 443},
  {"wss", "https", 443},
}};

const web_scheme* find_web_scheme(std::string_view name) {
  const auto* i = std::find_if(web_schemes.begin(), web_schemes.end(),
                               [name](auto& x) { return x.name == name; });
  return i != web_schemes.end() ? i : nullptr;
}

} // namespace

std::optional<authority> parse_authority(std::string_view text) {
  std::string whole{text}; // Boost.URL 1.81 reads on behind a part of a string
  auto parsed = boost::urls::parse_authority(whole);
  if (!parsed || parsed->has_userinfo())
    return std::nullopt;
  authority result;
  switch (parsed->host_type()) {
    case boost::urls::host_type::ipv4:
      result.host = parsed->host();
      result.is_address = true;
      break;
    case boost::urls::host_type::ipv6:
      result.host = '[' + parsed->host_ipv6_address().to_string() + ']';
      result.is_address = true;
      break;
    case boost::urls::host_type::name:
      result.host = lower(std::string{parsed->encoded_host()});
      break;
    default:
      return std::nullopt;
  }
  if (result.host.empty()
      || (!result.is_address
          && !std::all_of(result.host.begin(), result.host.end(),
                          is_name_char)))
    return std::nullopt;
  if (parsed->has_port() && !parsed->port().empty()) {
    result.port = parsed->port_number();
    if (result.port == 0) // or too large
      return std::nullopt;
  }
  return result;
}

bool is_web(const origin& x) {
  return find_web_scheme(x.scheme) != nullptr;
}

std::optional<origin> parse_origin(std::string_view text) {
  if (text == "null")
    return origin{std::string{text}, {}, 0};
  auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos)
    return std::nullopt;
  auto scheme = lower(text.substr(0, scheme_end));
  if (scheme.empty() || !is_letter(scheme.front())
      || !std::all_of(scheme.begin(), scheme.end(), is_scheme_char)
      || scheme == "null") // it would pass for `null`
    return std::nullopt;
  auto where = text.substr(scheme_end + 3);
  where = where.substr(0, where.find_first_of("/?#"));
  if (const auto* web = find_web_scheme(scheme)) {
    auto host = parse_authority(where);
    if (!host)
      return std::nullopt;
    return origin{std::string{web->same_as}, std::move(host->host),
                  host->port.value_or(web->port)};
  }
  if (!std::all_of(where.begin(), where.end(),
                   [](char c) { return is_name_char(c) || c == ':'; }))
    return std::nullopt;
  return origin{std::move(scheme), lower(where), 0};
}

bool is_same(const origin& x, const authority& host) {
  const auto* web = find_web_scheme(x.scheme);
  return web != nullptr && x.host == host.host
         && x.port == host.port.value_or(web->port);
}

} // namespace observer::http
