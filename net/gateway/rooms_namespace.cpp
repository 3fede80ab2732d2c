#include "net/gateway/rooms_namespace.hpp"

#include "net/engineio/random_id.hpp"
#include "net/gateway/encoding.hpp"
#include "net/gateway/socket_port.hpp"

#include <charconv>
#include <memory>
#include <string>
#include <utility>

namespace observer::gateway {

std::size_t loop_of(std::string_view recovery_id, std::size_t count) {
  std::size_t result = 0;
  if (recovery_id.size() > engineio::random_id_size)
    std::from_chars(recovery_id.data() + engineio::random_id_size,
                    recovery_id.data() + recovery_id.size(), result);
  return result % count;
}

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
