#pragma once

#include "net/sio/handshake.hpp"
#include "net/sio/namespace_handler.hpp"
#include "net/socketio/session.hpp"
#include "net/transport/connection_handler.hpp"

#include <boost/container/small_vector.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace observer::sio {

class server;

/// One connection, and the sockets that its client has on it: finds who serves
/// the namespaces that the client asks for, and leads to each what is meant for
/// it. The server must outlive it.
class peer final : public transport::connection_handler,
                   public socketio::session_effects {
public:
  /// @param request opened the connection; read here only
  peer(server& parent, transport::connection& below,
       const http::request& request);
  ~peer() override;

  [[nodiscard]] transport::connection& connection() noexcept {
    return connection_;
  }

  /// How packets to this client are written.
  [[nodiscard]] socketio::parser parser() const noexcept {
    return session_.parser();
  }

  /// The request that opened the connection; empty if the server keeps none.
  [[nodiscard]] const opening_request& request() const;

  // -- for those who serve namespaces -----------------------------------------

  /// Puts `behind` behind the client in a namespace that it asked for: from
  /// here on it hears if the client goes. Unless it did, `accept` follows.
  void enter(std::string_view nsp, std::shared_ptr<socket_handler> behind);

  /// Tells the client that it is in.
  /// @param sid the id of its socket there
  /// @param pid with connection state recovery: the secret with which it can
  ///        ask for this socket again
  void accept(std::string_view nsp, std::string_view sid, std::string_view pid);

  /// Refuses a client that asked; `data` unless it is null.
  void refuse(std::string_view nsp, std::string_view message,
              const boost::json::value& data = {});

  /// Shows the client out of a namespace.
  /// @returns what was behind it, which hears nothing of it
  std::shared_ptr<socket_handler> show_out(std::string_view nsp);

  /// As `show_out`, but without a word to the client.
  std::shared_ptr<socket_handler> release(std::string_view nsp);

  // -- implementation of connection_handler -----------------------------------

  void on_open() override;
  void on_message(std::string_view data, bool binary) override;
  void on_closed(engineio::close_reason reason) override;

  // -- implementation of session_effects --------------------------------------

  void send(const engineio::outgoing_ptr& packet) override;
  void fail(boost::system::error_code why) override;
  void connecting(std::string_view nsp, boost::json::object auth) override;
  void received(const socketio::incoming_event& event) override;
  [[nodiscard]] bool takes_plain_events() const override {
    return plain_ != nullptr;
  }
  bool received_plain(const socketio::plain_event& event) override;
  void acknowledged(std::string_view nsp, std::uint64_t id,
                    boost::json::array& arguments,
                    std::vector<std::string>& attachments) override;
  void disconnected(std::string_view nsp) override;

private:
  struct socket_entry {
    std::string nsp;
    std::shared_ptr<socket_handler> behind;
  };

  [[nodiscard]] std::shared_ptr<socket_handler>
  find(std::string_view nsp) const;
  void all_gone(engineio::close_reason why);
  void watch_attachments();

  server& server_;
  transport::connection& connection_;
  socketio::session session_;
  std::unique_ptr<const opening_request> request_;
  boost::container::small_vector<socket_entry, 1> sockets_;
  socket_handler* plain_ = nullptr; ///< who takes plain events
  io::timer_queue::handle timer_;   ///< to enter; for attachments
  bool awaits_attachments_ = false; ///< `timer_` watches them
};

} // namespace observer::sio
