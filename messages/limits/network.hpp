#pragma once

#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace observer {

/// Whom an address stands for where somebody's connections are counted: an IPv4
/// address for itself, one of IPv6 for all of its /64, which one machine can
/// have for itself. An IPv4 address within IPv6 (`::ffff:10.0.0.1`) is one of
/// IPv4; what is no address stands for itself.
[[nodiscard]] inline std::string network_of(std::string_view address) {
  std::string text{address.substr(0, address.find('%'))}; // without its zone
  in6_addr parsed;
  if (::inet_pton(AF_INET6, text.c_str(), &parsed) != 1)
    return std::string{address};
  std::array<char, INET6_ADDRSTRLEN> out;
  if (IN6_IS_ADDR_V4MAPPED(&parsed))
    return ::inet_ntop(AF_INET, &parsed.s6_addr[12], out.data(), out.size());
  std::memset(&parsed.s6_addr[8], 0, 8);
  return std::string{::inet_ntop(AF_INET6, &parsed, out.data(), out.size())}
         + "/64";
}

} // namespace observer
