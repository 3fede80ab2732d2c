#pragma once

#include "messages/actors.hpp"
#include "messages/limit_counts.hpp"
#include "messages/settings.hpp"
#include "net/gateway/encoding.hpp"
#include "net/gateway/event_table.hpp"
#include "net/socketio/limit_counts.hpp"
#include "net/socketio/session.hpp"
#include "net/transport/connection_handler.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

namespace observer::gateway {

/// Makes the session actor of a client that has entered the default namespace.
using session_factory = std::function<session_actor(client_port_ptr)>;

/// Asks the hub that a recovery id speaks of for the session.
using session_finder = std::function<void(recover_client)>;

/// What clients of one loop share.
struct client_services {
  const settings& limits;
  const socketio::session_options& socketio;
  const wire_encoder& encoder;
  session_factory make_session;
  session_finder find_session; ///< null without connection state recovery
  std::size_t loop = 0;
  std::size_t loops = 1;            ///< how many there are
  boost::asio::io_context& context; ///< of that loop
  limit_counts& met;
  socketio::limit_counts& packets_met;
};

/// The loop, of `count`, that the session of a recovery id is on, should there
/// be one. An id of an earlier run of the server, which had more loops, or one
/// that is made up, stands for one of them as well.
[[nodiscard]] std::size_t loop_of(std::string_view recovery_id,
                                  std::size_t count);

class socket;

/// One connection: Engine.IO below, Socket.IO inside, and a session actor
/// behind it while the client is in the default namespace.
class client final : public transport::connection_handler,
                     public socketio::session_effects {
public:
  client(std::shared_ptr<const client_services> services,
         transport::connection& below);
  ~client() override;

  [[nodiscard]] transport::connection& connection() noexcept {
    return connection_;
  }

  /// Answers a request: with an ACK, or if none is wanted with `error`, should
  /// it have failed.
  void answer(std::string_view event, std::optional<std::uint64_t> ack,
              const reply& result);

  /// The socket has its session, and may say who it is.
  void welcome(const connection_info& who);

  /// The socket needs a session of its own.
  void begin_anew();

  /// Another connection has the socket's session.
  void give_up();

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
    return true;
  }
  bool received_plain(const socketio::plain_event& event) override;
  void acknowledged(std::string_view nsp, std::uint64_t id,
                    boost::json::array& arguments,
                    std::vector<std::string>& attachments) override;
  void disconnected(std::string_view nsp) override;

private:
  void submit(const event_row& row, std::optional<std::uint64_t> ack,
              std::variant<client_request, failure>&& request);
  void ask_for(std::string_view recovery_id, heard_so_far heard);
  void leave(bool clean);
  [[nodiscard]] bool within_packet_rate();

  std::shared_ptr<const client_services> services_;
  transport::connection& connection_;
  socketio::session session_;
  transport::timer_queue::handle timer_;
  std::shared_ptr<socket> socket_; ///< null unless in the default namespace
  double packet_tokens_;
  engineio::time_point packets_seen_;
  engineio::time_point flooding_since_{};
};

/// One Socket.IO socket: what the actors hold to reach the client. It outlives
/// the connection, and does nothing then.
///
/// The client that owns it lets go of it first: no pointer to the client, nor
/// to its connection, is left when these go. Neither goes while it is being
/// called (see `transport::connection`).
class socket final : public recovering_port {
public:
  socket(client& owner, connection_info info, std::uint32_t credit);

  [[nodiscard]] const std::string& id() const noexcept {
    return info_.socket_id;
  }

  /// Hands one request to the session actor. Input pauses while too many are
  /// under way.
  void submit(std::string_view event, std::optional<std::uint64_t> ack,
              client_request&& request);

  /// Tells the session actor that the client is gone.
  void detach(bool clean);

  /// Names the socket, which asked for nobody's session, or in vain.
  void introduce(std::string socket_id, std::string recovery_id);

  /// Ties the socket to the session actor that was made for it.
  void attach(session_actor session);

  // -- implementation of client_port ------------------------------------------

  void deliver(const frame& event, urgency how) override;
  void answer(const request_tag& tag, const reply& result) override;
  void close(std::string_view why) override;
  void fenced() override;
  [[nodiscard]] connection_info info() const override;

  // -- implementation of recovering_port --------------------------------------

  void recovered(const connection_info& earlier,
                 const session_actor& session) override;
  void not_recovered() override;

private:
  // Null once the client has let go of this.
  client* owner_;
  transport::connection* connection_;
  connection_info info_;
  session_actor session_;
  std::uint32_t credit_;
  std::uint32_t under_way_ = 0;
};

} // namespace observer::gateway
