#pragma once

#include "messages/hub.hpp"
#include "net/gateway/event_table.hpp"
#include "net/gateway/rooms_namespace.hpp"
#include "net/sio/peer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace observer::gateway {

/// A client in the rooms' namespace: hands its requests to its session actor,
/// and is what the actors hold to reach the client. They may hold it for longer
/// than there is a connection; it does nothing then.
class socket_port final : public recovering_port,
                          public sio::socket_handler,
                          public std::enable_shared_from_this<socket_port> {
public:
  /// @param services must stay as long as there are connections
  socket_port(const rooms_services& services, sio::peer& owner);

  /// Lets the client in with a session actor of its own.
  void begin();

  /// Asks for the session actor that the client had. Its hub may live on
  /// another loop, so the answer, `recovered` or `not_recovered`, may take a
  /// while.
  void ask_for(std::string recovery_id, heard_so_far heard);

  // -- implementation of socket_handler ---------------------------------------

  void received(const socketio::incoming_event& event) override;
  [[nodiscard]] bool takes_plain_events() const override {
    return true;
  }
  bool received_plain(const socketio::plain_event& event) override;
  void detach() override;
  void gone(std::optional<engineio::close_reason> lost) override;

  // -- implementation of client_port ------------------------------------------

  void deliver(const frame& event, urgency how) override;
  void answer(const request_tag& tag, const reply& result) override;
  void close(std::string_view why) override;
  void fenced() override;
  [[nodiscard]] connection_info info() const override;
  [[nodiscard]] line_figures figures() const override;

  // -- implementation of recovering_port --------------------------------------

  void recovered(const connection_info& earlier,
                 const session_actor& session) override;
  void not_recovered() override;

private:
  void submit(const event_row& row, std::optional<std::uint64_t> ack,
              std::variant<client_request, failure>&& request);
  void reply_to(std::string_view event, std::optional<std::uint64_t> ack,
                const reply& result);

  // What a delivery needs stands first.
  transport::connection* connection_; ///< null once the client is gone
  socketio::parser parser_;
  std::uint32_t under_way_ = 0; ///< requests that are not answered yet
  session_actor session_;       ///< null while it is looked for
  sio::peer* peer_;             ///< null once the client is gone
  const rooms_services& services_;
  connection_info info_;
  /// Of the connection, once that is gone.
  std::unique_ptr<transport::connection_life> life_;
};

} // namespace observer::gateway
