#pragma once

#include "net/engineio/flood_guard.hpp"
#include "net/engineio/outgoing.hpp"
#include "net/engineio/payload_v3.hpp"
#include "net/engineio/request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The life of one Engine.IO connection, without I/O.
namespace observer::engineio {

using time_point = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

struct session_options {
  milliseconds ping_interval = std::chrono::seconds{25};
  milliseconds ping_timeout = std::chrono::seconds{20};

  /// How long a WebSocket may take from its opening to the upgrade packet.
  milliseconds upgrade_timeout = std::chrono::seconds{10};

  /// How often a waiting poll is ended while an upgrade is under way.
  milliseconds upgrade_noop_interval{100};

  /// Bytes of one polling request, or one WebSocket message.
  std::size_t max_payload = 1'000'000;

  /// Packets that one polling request may hold.
  std::size_t max_post_packets = 4096;

  /// Packets in the answer to one poll: python-engineio refuses more.
  std::size_t max_poll_packets = 16;

  /// What one client may say.
  flood_limits rates;

  /// Whether clients of protocol 3 (Socket.IO 2.x) are let in.
  bool allow_v3 = false;
};

/// Why a connection ended.
enum class close_reason {
  transport_close, ///< the TCP connection is gone, or the client closed it
  client_close,    ///< the client sent a close packet
  ping_timeout,    ///< no pong within ping interval + ping timeout
  parse_error,     ///< malformed packets
  overfull_post,   ///< more packets in a polling request than allowed
  oversized,       ///< a message with more bytes than allowed
  unfinished,      ///< a message whose end does not come, or too many such
  server_close,    ///< the application ended it
  going_away,      ///< the server goes down; the client shall come back
  slow_reader,     ///< more bytes queued than allowed
  flooding,        ///< more packets than allowed
};

[[nodiscard]] std::string_view to_string_view(close_reason reason);

/// Why a session takes no input for now, if it does not.
enum class hold {
  none,        ///< it takes input
  application, ///< the application has enough to do
  packets,     ///< the client is over its rate of packets
  bytes,       ///< the client is over its rate of bytes
};

/// What a session wants done. Implemented by the transport.
class session_effects {
public:
  virtual ~session_effects() = default;

  /// A message for the application. The view is valid during the call.
  virtual void deliver(std::string_view data, bool binary) = 0;

  /// Ends the waiting poll with these packets.
  virtual void answer_poll(std::string payload) = 0;

  /// Ends the waiting poll with an error. A client that is told of an end in a
  /// packet may think that it is meant; this is a broken line to it, and it
  /// comes back.
  virtual void fail_poll() = 0;

  /// Ends the POST that was held, with `ok`.
  virtual void answer_post() = 0;

  /// Input is held, or is not any more: whether the WebSocket is to be read.
  virtual void hold_websocket(hold why) = 0;

  /// Sends on the WebSocket that the session is on.
  virtual void send_websocket(const outgoing_ptr& packets) = 0;

  /// Sends on the WebSocket that is being probed.
  virtual void send_probe(const outgoing_ptr& packets) = 0;

  /// The probe is the session's transport from here on.
  virtual void adopt_probe() = 0;

  /// The probe came to nothing; the session goes on without it.
  /// @param late whether it took too long
  virtual void drop_probe(bool late) = 0;

  /// The session is over; called exactly once, as its last word.
  virtual void closed(close_reason reason) = 0;
};

/// The state machine. Every function takes the time at which it is called;
/// whoever drives it calls `on_time` at `deadline()`.
///
/// ~~~
///   polling ──WebSocket──▶ polling, probing ──"5"──▶ websocket
///      ▲                         │
///      └───── failed, 10 s ──────┘          any ──▶ closed
/// ~~~
///
/// In protocol 3 the client pings, and the server answers.
class session {
public:
  /// @param options must outlive the session.
  session(const session_options& options, protocol version, transport first,
          session_effects& effects, time_point now);

  [[nodiscard]] protocol version() const noexcept {
    return version_;
  }

  [[nodiscard]] transport current_transport() const noexcept {
    return transport_;
  }

  [[nodiscard]] bool is_closed() const noexcept {
    return closed_;
  }

  /// Packets that wait for the next poll.
  [[nodiscard]] std::size_t queued_bytes() const noexcept {
    return queued_bytes_;
  }

  /// When `on_time` must be called.
  [[nodiscard]] time_point deadline() const;

  void on_time(time_point now);

  // -- from the application ---------------------------------------------------

  void send(const outgoing_ptr& packets);

  /// Ends the session. What is queued goes out before, if the application ends
  /// it.
  void close(close_reason reason);

  /// The application takes no more input for now, or takes it again. What
  /// waits of a POST is delivered by `on_time`.
  void hold_input(bool held, time_point now);

  /// Whether input has to wait, for the application or for the client's rates:
  /// the WebSocket is not read, and a POST waits for its answer, without which
  /// the client sends no more. What is delivered nevertheless was read before.
  [[nodiscard]] bool holds_input() const noexcept {
    return held_;
  }

  // -- polling ----------------------------------------------------------------

  /// What becomes of a polling request.
  enum class outcome {
    taken,   ///< a poll: `answer_poll` follows or was there; a POST: `ok`
    held,    ///< a POST: `answer_post` follows, and it must stay until then
    refused, ///< 400: it breaks the protocol, and the session is gone
  };

  /// A GET: whatever is queued, now or later. Refused if another one waits;
  /// that one is answered.
  [[nodiscard]] outcome on_poll(time_point now);

  /// The connection of the waiting poll broke.
  void on_poll_lost();

  /// The body of a POST. Refused if another one is held, or if it is `binary`
  /// in protocol 4. What is malformed ends the session, but the POST is taken:
  /// so the reference has it.
  /// @param binary of type `application/octet-stream`, which only protocol 3
  ///        has.
  [[nodiscard]] outcome on_post(std::string_view payload, bool binary,
                                time_point now);

  // -- websocket --------------------------------------------------------------

  void on_websocket_message(std::string_view data, bool binary, time_point now);
  void on_websocket_closed(close_reason why = close_reason::transport_close);

  // -- upgrade ----------------------------------------------------------------

  /// A WebSocket wants to take over. False if another one tries already.
  [[nodiscard]] bool on_probe_opened(time_point now);
  void on_probe_message(std::string_view data, bool binary, time_point now);
  void on_probe_closed();

private:
  enum class probe_state : std::uint8_t { none, opened, answered };

  using post_reader = std::variant<payload_reader, payload_v3_reader>;

  /// The rest of a POST.
  struct waiting_post {
    post_reader reader;
    time_point due; ///< once it need not wait any more
  };

  void on_packet(const packet& in, time_point now);
  [[nodiscard]] bool must_wait() const noexcept {
    return paused_ || guard_.is_shut();
  }
  void read_post(post_reader reader, time_point now);
  void hold(engineio::hold why);
  void go_on(time_point now);
  void send_now(const outgoing_ptr& packets);
  void flush_to_poll();
  void end_probe();
  void finish(close_reason reason);

  // Each connection has one: this order keeps it small.
  const session_options& options_;
  session_effects& effects_;
  protocol version_;
  transport transport_;
  bool closing_ = false; ///< by the application, once the queue is empty
  bool closed_ = false;
  bool poll_waiting_ = false;
  bool post_waiting_ = false;
  bool paused_ = false; ///< by the application
  bool held_ = false;   ///< for whatever reason
  probe_state probe_ = probe_state::none;
  std::vector<outgoing_ptr> queue_; ///< for the next poll
  std::size_t queued_bytes_ = 0;

  time_point next_ping_; ///< protocol 4
  /// When the client must have answered the ping; in protocol 3: sent one.
  std::optional<time_point> pong_due_;

  time_point probe_due_;
  time_point next_noop_;

  flood_guard guard_;
  std::unique_ptr<waiting_post> rest_; ///< there rarely is one
};

} // namespace observer::engineio
