#pragma once

#include "net/engineio/packet.hpp"

#include <optional>
#include <string>
#include <string_view>

/// What an HTTP request to the Engine.IO path asks for. Pure: the transport
/// does the asking and the answering.
namespace observer::engineio {

enum class transport { polling, websocket };

constexpr std::string_view to_string_view(transport x) {
  return x == transport::polling ? "polling" : "websocket";
}

/// Why a request is refused. The numbers are the `code` of the answer.
enum class refusal {
  unknown_transport = 0,
  unknown_sid = 1,
  bad_method = 2,
  bad_request = 3,
  forbidden = 4,
  unsupported_version = 5,
  // Ours; the reference server knows no more than those above.
  too_many_connections = 6, ///< of one address, that enter nothing
  overloaded = 7,           ///< no place for anybody now
};

/// The refusal's `message`; those of the reference server as it words them.
[[nodiscard]] std::string_view message_of(refusal code);

/// The refusal as JSON: `{"code":0,"message":"Transport unknown"}`.
[[nodiscard]] std::string to_json(refusal code);

/// HTTP status of the answer.
[[nodiscard]] constexpr unsigned status_of(refusal code) {
  switch (code) {
    case refusal::forbidden:
      return 403;
    case refusal::too_many_connections:
      return 429;
    case refusal::overloaded:
      return 503;
    default:
      return 400;
  }
}

/// Whether the same request may be answered otherwise before long.
[[nodiscard]] constexpr bool may_try_again(refusal code) {
  return code == refusal::too_many_connections || code == refusal::overloaded;
}

/// The query of a request, decoded; what is not there is empty.
struct query {
  std::string transport;
  std::string sid;
  std::string version; ///< `EIO`
};

/// The parts of a request that decide what becomes of it.
struct request_head {
  std::string_view method; ///< e.g. `GET`
  bool upgrade = false;    ///< asks for a WebSocket
  query parameters;
};

/// The session that a request speaks of, if there is such.
struct known_session {
  engineio::transport transport;
  protocol version = protocol::v4;
};

/// The version that an `EIO` parameter names. There is no default: Node's
/// server takes whatever is not 4 for 3, and so fails the suite of version 4.
[[nodiscard]] std::optional<protocol> parse_version(std::string_view in);

/// Checks in the order of the reference server: transport, sid, then without
/// sid method and version (WIRE.md, "What the reference answers").
///
/// @param session empty if there is no sid, or none of that name.
/// @param allow_v3 whether clients of protocol 3 are let in.
[[nodiscard]] std::optional<refusal>
check(const request_head& head, const std::optional<known_session>& session,
      bool allow_v3 = false);

} // namespace observer::engineio
