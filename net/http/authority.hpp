#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Who is asked, and who asks, in forms that can be compared.
namespace observer::http {

/// What a `Host` names (RFC 9110, section 7.2).
struct authority {
  std::string host; ///< lower case; an IPv6 address is in brackets
  std::optional<std::uint16_t> port; ///< unset: that of the scheme
  bool is_address = false;           ///< else a name

  bool operator==(const authority&) const = default;
};

/// Nothing if it names no host, or a user besides.
[[nodiscard]] std::optional<authority> parse_authority(std::string_view text);

/// Where a page, an app or a program comes from (RFC 6454).
struct origin {
  /// Lower case. Those of WebSockets, which programs send, count as those of
  /// HTTP. `null` for an origin that nobody else has.
  std::string scheme;

  /// Lower case. May be empty, and anything such as `.`, unless the scheme is
  /// `http` or `https`.
  std::string host;

  std::uint16_t port = 0; ///< of `http` and `https`

  bool operator==(const origin&) const = default;
};

/// Whether there is a network host behind it, and not an app or a file.
[[nodiscard]] bool is_web(const origin& x);

/// `https://example.org`, `wss://example.org:443`, `capacitor://localhost`,
/// `file://`, `null`. A path, which some programs send, is left out.
[[nodiscard]] std::optional<origin> parse_origin(std::string_view text);

/// Whether both name the same host and port. A `Host` does not tell whether
/// there is TLS in front of us, so a missing port is that of the origin's
/// scheme.
[[nodiscard]] bool is_same(const origin& x, const authority& host);

} // namespace observer::http
