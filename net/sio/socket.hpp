#pragma once

#include "net/engineio/outgoing.hpp"
#include "net/io/timer_queue.hpp"
#include "net/sio/handshake.hpp"
#include "net/sio/message.hpp"
#include "net/sio/namespace_handler.hpp"
#include "net/sio/replay_buffer.hpp"
#include "net/socketio/packet.hpp"

#include <any>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace observer::sio {

class nsp;
class peer;

/// Why a socket is no longer connected.
enum class disconnect_reason {
  client_disconnect, ///< the client left the namespace
  server_disconnect, ///< `socket::disconnect`
  transport_close,   ///< the connection is gone
  ping_timeout,      ///< the client does not answer
  parse_error,       ///< the client broke the protocol
  shutting_down,     ///< the server goes down
  overload,          ///< the client reads too slowly
};

/// The reason as Node's server words it, e.g. `transport close`.
[[nodiscard]] std::string_view to_string_view(disconnect_reason reason);

/// What the client answered to an event; nothing if it did not in time, or is
/// gone.
using ack_handler = std::function<void(std::optional<message>)>;

/// One client in one namespace. Used on its server's loop only; kept alive by
/// `shared_from_this` beyond its connection, when it does nothing.
class socket final : public socket_handler,
                     public std::enable_shared_from_this<socket> {
public:
  /// Made by its server.
  socket(nsp& where, sio::handshake said, socketio::parser how, std::string id,
         std::string recovery_id);
  ~socket() override;

  [[nodiscard]] const std::string& id() const noexcept {
    return id_;
  }

  [[nodiscard]] const sio::handshake& handshake() const noexcept {
    return handshake_;
  }

  [[nodiscard]] bool connected() const noexcept {
    return peer_ != nullptr;
  }

  /// Whether connection state recovery brought this socket back: it has its id
  /// and gets all that it missed.
  [[nodiscard]] bool recovered() const noexcept {
    return recovered_;
  }

  /// Whatever the application wants to know about this socket.
  std::any data;

  void emit(std::string_view event, const message& what);

  /// Emits an event that the client is to answer.
  void emit(std::string_view event, const message& what,
            std::chrono::milliseconds timeout, ack_handler on_answer);

  /// Emits an event that may be lost: it is dropped if the client is away, or
  /// behind with reading.
  void emit_volatile(std::string_view event, const message& what);

  /// Shows the client out of the namespace.
  void disconnect();

  /// Ends the whole connection.
  void close();

  // -- implementation of socket_handler ---------------------------------------

  void received(const socketio::incoming_event& event) override;
  void acknowledged(std::uint64_t id, boost::json::array& arguments,
                    std::vector<std::string>& attachments) override;
  void detach() override;
  void gone(std::optional<engineio::close_reason> lost) override;

private:
  friend class nsp;
  friend class server;
  friend class ack;

  struct waiting_ack {
    ack_handler on_answer;
    io::timer_queue::handle timer;
  };

  void attach(peer& to);
  void forget_questions();
  void deliver(const replay_buffer::entry& event);
  void answer(std::uint64_t id, const message& what);
  void answered(std::uint64_t id, std::optional<message> what);

  nsp& nsp_;
  sio::handshake handshake_;
  socketio::parser parser_; ///< the client's
  std::string id_;
  std::string recovery_id_; ///< empty without connection state recovery
  peer* peer_ = nullptr;    ///< null without a connection
  bool recovered_ = false;
  std::optional<replay_buffer> missed_;
  io::timer_queue::handle expiry_;
  std::uint64_t next_ack_ = 0;
  std::map<std::uint64_t, waiting_ack> acks_;
};

using socket_ptr = std::shared_ptr<socket>;

/// Answers an event, if its sender wants an answer. Can be kept for later, and
/// counts once.
class ack {
public:
  ack() = default;
  ack(std::weak_ptr<socket> to, std::uint64_t id)
    : to_(std::move(to)),
      id_(id) {
  }

  /// Whether an answer is wanted, and was not given.
  explicit operator bool() const noexcept {
    return id_.has_value();
  }

  void operator()(const message& what);

private:
  std::weak_ptr<socket> to_;
  std::optional<std::uint64_t> id_;
};

} // namespace observer::sio
