#pragma once

#include "messages/hub.hpp"
#include "messages/limit_counts.hpp"
#include "messages/settings.hpp"
#include "net/gateway/ended_clients.hpp"
#include "net/sio/namespace_handler.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <string_view>

namespace observer::gateway {

/// Makes the session actor of a client that has entered.
using session_factory = std::function<session_actor(client_port_ptr)>;

/// Asks the hub that a recovery id speaks of for the session.
using session_finder = std::function<void(hub_message::recover_client)>;

/// What the clients of one loop share.
struct rooms_services {
  const settings& limits;
  session_factory make_session;
  session_finder find_session; ///< null without connection state recovery
  std::size_t loop = 0;
  std::size_t loops = 1;            ///< how many there are
  boost::asio::io_context& context; ///< of that loop
  limit_counts& met;
  ended_clients& ended;
};

/// The namespace in which clients find the rooms: each of them gets a session
/// actor, or the one back that it had.
class rooms_namespace final : public sio::namespace_handler {
public:
  static constexpr std::string_view name = "/";

  explicit rooms_namespace(rooms_services services);

  void connecting(sio::peer& from, std::string_view nsp,
                  boost::json::object auth) override;

private:
  rooms_services services_;
};

} // namespace observer::gateway
