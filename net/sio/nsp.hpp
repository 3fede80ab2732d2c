#pragma once

#include "net/sio/namespace_handler.hpp"
#include "net/sio/socket.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace observer::sio {

class server;

/// Why a client may not enter, as its `connect_error` shows it.
struct refusal {
  std::string message;
  boost::json::value data; ///< null: none
};

using connect_check = std::function<std::optional<refusal>(const handshake&)>;
using connection_handler = std::function<void(socket&)>;
using event_handler = std::function<void(socket&, message&, ack)>;
using disconnect_handler = std::function<void(socket&, disconnect_reason)>;

/// A namespace: who may enter, and what its events do.
class nsp final : public namespace_handler {
public:
  /// Made by its server.
  explicit nsp(server& parent);

  /// Asks `check` about each client that wants to enter.
  nsp& on_connect(connect_check check);

  /// A client has entered, or was brought back (`socket::recovered`).
  nsp& on_connection(connection_handler handler);

  /// The socket is out of the namespace for good.
  nsp& on_disconnect(disconnect_handler handler);

  /// What the event `name` does. An event without a handler does nothing, and
  /// is not answered.
  nsp& on(std::string name, event_handler handler);

  /// Emits to all sockets of the namespace; encoded once.
  void emit(std::string_view event, const message& what);

  /// The sockets by id, those included that wait for their client.
  [[nodiscard]] const std::unordered_map<std::string, socket_ptr>&
  sockets() const noexcept {
    return sockets_;
  }

  // -- implementation of namespace_handler ------------------------------------

  void connecting(peer& from, std::string_view name,
                  boost::json::object auth) override;

private:
  friend class server;
  friend class socket;

  bool recover(peer& from, handshake& said);
  void add(const socket_ptr& entered);
  void remove(socket& gone, disconnect_reason reason);
  void dispatch(socket& from, std::string_view event, message& what,
                ack answer);

  /// An event as a client of one namespace and parser sees it.
  /// @param id of the event; 0: it need not be recovered
  [[nodiscard]] replay_buffer::entry
  encode(socketio::parser how, std::string_view name, std::string_view event,
         const message& what, std::uint64_t id) const;

  /// The id of the next event, if there is connection state recovery.
  [[nodiscard]] std::uint64_t next_event_id();

  server& server_;
  connect_check check_;
  connection_handler on_connection_;
  disconnect_handler on_disconnect_;
  std::map<std::string, event_handler, std::less<>> handlers_;
  std::unordered_map<std::string, socket_ptr> sockets_;
};

} // namespace observer::sio
