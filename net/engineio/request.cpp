#include "net/engineio/request.hpp"

namespace observer::engineio {

std::string_view message_of(refusal code) {
  switch (code) {
    case refusal::unknown_transport:
      return "Transport unknown";
    case refusal::unknown_sid:
      return "Session ID unknown";
    case refusal::bad_method:
      return "Bad handshake method";
    case refusal::bad_request:
      return "Bad request";
    case refusal::forbidden:
      return "Forbidden";
    case refusal::unsupported_version:
      return "Unsupported protocol version";
    case refusal::too_many_connections:
      return "Too many connections";
    case refusal::overloaded:
      return "Server overloaded";
  }
  return "Bad request";
}

std::string to_json(refusal code) {
  std::string result = "{\"code\":";
  result += std::to_string(static_cast<int>(code));
  result += ",\"message\":\"";
  result += message_of(code);
  result += "\"}";
  return result;
}

std::optional<protocol> parse_version(std::string_view in) {
  if (in == "4")
    return protocol::v4;
  if (in == "3")
    return protocol::v3;
  return std::nullopt;
}

std::optional<refusal> check(const request_head& head,
                             const std::optional<known_session>& session,
                             bool allow_v3) {
  auto& parameters = head.parameters;
  auto polling = parameters.transport == to_string_view(transport::polling);
  auto websocket = parameters.transport == to_string_view(transport::websocket);
  if (!polling && !websocket)
    return refusal::unknown_transport;
  if (!parameters.sid.empty()) {
    if (!session)
      return refusal::unknown_sid;
    // A poll of a session that is on WebSocket, or the other way round without
    // an upgrade.
    if (!head.upgrade
        && (websocket || session->transport == transport::websocket))
      return refusal::bad_request;
    if (head.upgrade && !websocket)
      return refusal::bad_request;
    if (!parameters.version.empty()
        && parse_version(parameters.version) != session->version)
      return refusal::bad_request;
    return std::nullopt;
  }
  if (head.method != "GET")
    return refusal::bad_method;
  if (head.upgrade != websocket)
    return refusal::bad_request;
  auto version = parse_version(parameters.version);
  if (!version || (*version == protocol::v3 && !allow_v3))
    return refusal::unsupported_version;
  return std::nullopt;
}

} // namespace observer::engineio
