#pragma once

#include "net/sio/server.hpp"
#include "net/socketio/session.hpp"
#include "net/transport/connection_handler.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace observer::sio {

/// One connection, and the sockets that its client has on it.
class client final : public transport::connection_handler,
                     public socketio::session_effects {
public:
  client(server& parent, transport::connection& below,
         const http::request& request);
  ~client() override;

  // -- for the sockets --------------------------------------------------------

  [[nodiscard]] transport::connection& connection() noexcept {
    return connection_;
  }

  /// Shows a socket out of its namespace.
  void show_out(socket& whom);

  /// Another connection has the socket from here on.
  void give_up(const socket& whom);

  // -- implementation of connection_handler -----------------------------------

  void on_open() override;
  void on_message(std::string_view data, bool binary) override;
  void on_closed(engineio::close_reason reason) override;

  // -- implementation of session_effects --------------------------------------

  void send(const engineio::outgoing_ptr& packet) override;
  void fail(boost::system::error_code why) override;
  void connecting(std::string_view nsp, boost::json::object auth) override;
  void received(const socketio::incoming_event& event) override;
  void acknowledged(std::string_view nsp, std::uint64_t id,
                    boost::json::array& arguments,
                    std::vector<std::string>& attachments) override;
  void disconnected(std::string_view nsp) override;

private:
  bool recover(nsp& where, const handshake& said);
  void welcome(nsp& where, const socket_ptr& whom);

  server& server_;
  transport::connection& connection_;
  socketio::session session_;
  handshake handshake_; ///< what all its namespaces have in common
  std::map<std::string, socket_ptr, std::less<>> sockets_; ///< by namespace
  transport::timer_queue::handle timer_;
};

} // namespace observer::sio
