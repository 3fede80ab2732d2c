#include "net/gateway/rooms_namespace.hpp"

#include "net/gateway/encoding.hpp"
#include "net/gateway/socket_port.hpp"

#include <memory>
#include <string>
#include <utility>

namespace observer::gateway {

rooms_namespace::rooms_namespace(rooms_services services)
  : services_(std::move(services)) {
}

void rooms_namespace::connecting(sio::peer& from, std::string_view nsp,
                                 boost::json::object auth) {
  auto port = std::make_shared<socket_port>(services_, from);
  from.enter(nsp, port);
  const auto* pid = auth.if_contains("pid");
  if (services_.find_session == nullptr || pid == nullptr || !pid->is_string())
    return port->begin();
  // Without an offset it has heard nothing yet; one that was never given does
  // not say what it has heard.
  std::optional<heard_so_far> heard{std::in_place};
  const auto* offset = auth.if_contains("offset");
  if (offset != nullptr && !offset->is_null())
    heard = offset->is_string() ? parse_offset(offset->get_string())
                                : std::nullopt;
  if (heard)
    port->ask_for(std::string{pid->get_string()}, std::move(*heard));
  else
    port->begin();
}

} // namespace observer::gateway
