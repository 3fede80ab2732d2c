#include "tools/observerd/key_table.hpp"

#include "net/http/authority.hpp"

#include <boost/asio/ip/address.hpp>

#include <cctype>

namespace observer {

using boost::asio::ip::tcp;
using std::chrono::milliseconds;

namespace {

std::string env_name(std::string_view flag) {
  std::string result{env_prefix};
  for (char c : flag.substr(2))
    result += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return result;
}

} // namespace

tcp::endpoint parse_endpoint(const std::string& text) {
  auto colon = text.rfind(':');
  auto fail = [&]() -> CLI::ValidationError {
    return CLI::ValidationError{"'" + text + "' is not ADDRESS:PORT"};
  };
  if (colon == std::string::npos)
    throw fail();
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host == "localhost")
    host = "127.0.0.1";
  boost::system::error_code error;
  auto address = boost::asio::ip::make_address(host, error);
  std::uint16_t port = 0;
  const auto* begin = text.data() + colon + 1;
  const auto* end = text.data() + text.size();
  auto [stop, bad] = std::from_chars(begin, end, port);
  if (error || bad != std::errc{} || stop != end)
    throw fail();
  return {address, port};
}

bool is_origin(const std::string& text) {
  if (text == "*")
    return true;
  auto parsed = http::parse_origin(text);
  if (!parsed || parsed->scheme == "ftp") // no browser shows its pages
    return false;
  // What is behind the host is not looked at when pages ask.
  auto host = text.find("://");
  return host == std::string::npos
         || text.find_first_of("/?#", host + 3) == std::string::npos;
}

bool is_host(const std::string& text) {
  auto parsed = http::parse_authority(text);
  return parsed && !parsed->port && text.back() != ':';
}

milliseconds parse_duration(const std::string& text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  auto [stop, bad] = std::from_chars(text.data(), end, number);
  std::string_view unit{stop, end};
  if (bad == std::errc{} && number >= 0 && number <= 1'000'000'000) {
    if (unit == "ms")
      return milliseconds{number};
    if (unit == "s")
      return std::chrono::seconds{number};
    if (unit == "m")
      return std::chrono::minutes{number};
    if (unit == "h")
      return std::chrono::hours{number};
    if (unit == "d")
      return std::chrono::days{number};
  }
  throw CLI::ValidationError{
    "'" + text + "' is no duration such as 300ms, 25s, 2m, 1h, 7d"};
}

std::uint64_t parse_count(const std::string& text) {
  std::uint64_t result = 0;
  const auto* end = text.data() + text.size();
  auto [stop, bad] = std::from_chars(text.data(), end, result);
  if (bad != std::errc{} || stop != end || result == 0)
    throw CLI::ValidationError{"'" + text + "' is no number above 0"};
  return result;
}

std::string to_text(milliseconds x) {
  return x.count() % 1000 == 0 ? std::to_string(x.count() / 1000) + "s"
                               : std::to_string(x.count()) + "ms";
}

void key_table::duration(const std::string& flag, milliseconds& target,
                         milliseconds min, milliseconds max,
                         const std::string& help) {
  text(flag, "DURATION", to_text(target), help,
       [&target, min, max](const std::string& in) {
         auto value = parse_duration(in);
         if (value < min || value > max)
           throw CLI::ValidationError{"must be " + to_text(min) + " to "
                                      + to_text(max) + ", not " + in};
         target = value;
       });
}

void key_table::choice(const std::string& flag, std::string& target,
                       const std::vector<std::string>& values,
                       const std::string& help) {
  auto* option = app_.add_option(flag, target, help);
  option->check(CLI::IsMember(values));
  finish(option, flag, "", target);
}

CLI::Option* key_table::finish(CLI::Option* option, const std::string& flag,
                               const std::string& shape,
                               const std::string& initial) {
  option->envname(env_name(flag));
  if (!shape.empty())
    option->type_name(shape);
  if (!initial.empty())
    option->default_str(initial);
  return option;
}

} // namespace observer
