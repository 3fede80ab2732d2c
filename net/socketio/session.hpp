#pragma once

#include "net/engineio/outgoing.hpp"
#include "net/socketio/error.hpp"
#include "net/socketio/packet.hpp"
#include "net/socketio/plain_event.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// The Socket.IO side of one connection, without I/O.
namespace observer::socketio {

using time_point = std::chrono::steady_clock::time_point;

struct session_options {
  /// How clients may write packets. Protocol 4 is spoken in JSON only.
  parser_set parsers;

  packet_limits packets;

  /// How long a client may take until it enters its first namespace.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds{45};

  /// From a packet to the last of its attachments. Whoever drives the session
  /// sees to it.
  std::chrono::milliseconds attachments_timeout = std::chrono::seconds{30};

  /// Namespaces that one connection may be in at a time.
  std::size_t namespaces = 8;
};

/// An event from the client.
struct incoming_event {
  std::string_view nsp;
  std::string_view name; ///< a number as name comes as its digits
  std::optional<std::uint64_t> ack;
  boost::json::array& arguments; ///< the name first, as on the wire
  std::vector<std::string>& attachments;
};

/// What the session has to say: to the client (`send`), and to the application
/// behind it.
class session_effects {
public:
  virtual ~session_effects() = default;

  /// A packet for the client.
  virtual void send(const engineio::outgoing_ptr& packet) = 0;

  /// The client broke the protocol, or was too slow: end the connection.
  /// @param why one of `errc`
  virtual void fail(boost::system::error_code why) = 0;

  /// The client wants to enter `nsp`. To be answered, now or later, with
  /// `accept` or `refuse`.
  virtual void connecting(std::string_view nsp, boost::json::object auth) = 0;

  virtual void received(const incoming_event& event) = 0;

  /// Whether `received_plain` is to be asked first. Who wants all events in one
  /// form need not pay for two.
  [[nodiscard]] virtual bool takes_plain_events() const {
    return false;
  }

  /// An event of the default namespace, before it is made an `incoming_event`.
  /// False: that is what is wanted.
  virtual bool received_plain(const plain_event&) {
    return false;
  }

  virtual void acknowledged(std::string_view nsp, std::uint64_t id,
                            boost::json::array& arguments,
                            std::vector<std::string>& attachments)
    = 0;

  /// The client has left `nsp`, of its own will.
  virtual void disconnected(std::string_view nsp) = 0;
};

/// Keeps track of the namespaces that a client is in.
class session {
public:
  /// @param options must stay
  session(const session_options& options, protocol version,
          session_effects& effects, time_point now);

  /// The connection is open. In protocol 4 this enters the default namespace.
  void on_open();

  void on_text(std::string_view data);
  void on_binary(std::string_view data);

  /// When the client must have entered a namespace; nothing once it has.
  [[nodiscard]] std::optional<time_point> deadline() const;

  void on_time(time_point now);

  /// What is kept of a packet whose attachments are still to come.
  [[nodiscard]] std::size_t unfinished_bytes() const noexcept {
    return decoder_.unfinished_bytes();
  }

  /// Whether attachments of a packet are still to come.
  [[nodiscard]] bool awaits_attachments() const noexcept {
    return decoder_.awaits_attachments();
  }

  /// Lets the client into `nsp` under the socket id `sid`.
  /// @param pid with connection state recovery: the secret with which the
  ///        client can ask for this session again.
  void accept(std::string_view nsp, std::string_view sid,
              std::string_view pid = {});

  /// CONNECT_ERROR with `message`, and `data` unless it is null.
  void refuse(std::string_view nsp, std::string_view message,
              const boost::json::value& data = {});

  /// Shows the client out of `nsp`.
  void disconnect(std::string_view nsp);

  [[nodiscard]] bool is_connected(std::string_view nsp) const;

  /// How the client writes packets, and wants them written; certain once it
  /// has asked for a namespace.
  [[nodiscard]] socketio::parser parser() const noexcept {
    return decoder_.how();
  }

private:
  enum class entry { asked, connected };

  using namespaces = std::map<std::string, entry, std::less<>>;

  void meet(socketio::parser of_first_message);
  void on_packet(packet& in);
  void on_connect(packet& in);
  void erase(namespaces::iterator which);

  // Each connection has one: order and references keep it small.
  const session_options& options_;
  session_effects& effects_;
  decoder decoder_;
  namespaces namespaces_;
  time_point connect_due_;
  protocol version_;
  bool met_ = false;     ///< the client's parser is known
  bool entered_ = false; ///< any namespace, ever
  bool in_root_ = false; ///< in the default namespace, where most is said
};

} // namespace observer::socketio
