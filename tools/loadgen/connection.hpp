#pragma once

#include "tools/loadgen/client_loop.hpp"
#include "tools/loadgen/websocket.hpp"
#include "tools/loadgen/wire.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace observer::loadgen {

class connection;

/// What happens to connections. `now` is when the bytes were read.
class connection_events {
public:
  virtual ~connection_events() = default;

  /// It is in the default namespace.
  virtual void on_ready(connection& who, time_point now) = 0;

  /// A `message` event.
  virtual void
  on_message(connection& who, const heard_message& message, time_point now)
    = 0;

  /// A `message` event without what every message of ours has.
  virtual void on_malformed(connection& who) = 0;

  virtual void on_ack(connection& who, const heard_ack& ack,
                      std::string_view packet, time_point now)
    = 0;

  /// An event that should not come: `error`, `kicked`, `room_closed`.
  virtual void on_trouble(connection& who, std::string_view packet) = 0;

  /// It is over. `why` is empty if we ended it.
  virtual void on_closed(connection& who, std::string_view why) = 0;
};

/// One Socket.IO client on a WebSocket. Can be opened again after it was
/// closed.
///
/// ~~~
///   closed ─open─▶ connecting ─TCP─▶ upgrading ─101─▶ opening ─"0"─▶ entering
///     ▲                                                                 │"40"
///     └───────────────────── leaving ◀─leave─ ready ◀───────────────────┘
/// ~~~
class connection {
public:
  /// @param index the generator's number of this connection, over all threads.
  connection(client_loop& loop, connection_events& events, std::size_t index);

  /// Position among all connections; says which address it comes from.
  [[nodiscard]] std::size_t index() const noexcept {
    return index_;
  }

  [[nodiscard]] bool is_ready() const noexcept {
    return phase_ == phase::ready;
  }

  [[nodiscard]] bool is_closed() const noexcept {
    return phase_ == phase::closed;
  }

  [[nodiscard]] time_point opened_at() const noexcept {
    return opened_at_;
  }

  void open();

  /// Sends a Socket.IO packet when the loop flushes.
  void send(std::string_view packet);

  /// Says good-bye, and is closed when the server has closed, too.
  void leave();

  /// Closes at once and without a word; `on_closed` is not called.
  void drop();

  /// What comes stays in the kernel, until it is full.
  void stop_reading();
  void resume_reading();

  /// From the next `open` on, the kernel keeps next to nothing for it.
  void use_small_window() noexcept {
    small_window_ = true;
  }

  /// Writes what `send` has gathered. For the loop.
  void flush();

private:
  enum class phase {
    closed,
    connecting, ///< TCP
    upgrading,  ///< waits for the 101
    opening,    ///< waits for the Engine.IO handshake
    entering,   ///< waits for the namespace
    ready,
    leaving, ///< waits for the end
  };

  void on_connected(error_code error);
  void wait_readable();
  void wait_writable();
  void on_readable();
  bool on_head(std::string_view& bytes);
  bool on_frame(opcode kind, std::string_view payload, time_point now);
  bool on_text(std::string_view text, time_point now);
  bool on_packet(std::string_view packet, time_point now);
  void on_event(std::string_view packet, time_point now);
  void send_frame(opcode kind, std::string_view payload);
  bool bind_source(error_code& error);

  /// The only way to `closed`, but for `drop`.
  void close(std::string_view why);

  client_loop& loop_;
  connection_events& events_;
  std::size_t index_;
  tcp::socket socket_;
  phase phase_ = phase::closed;
  std::uint32_t generation_ = 0; ///< tells late handlers of an earlier socket
  bool small_window_ = false;
  bool stopped_ = false; ///< reads nothing
  bool waiting_ = false; ///< for something to read
  bool marked_ = false;  ///< the loop will flush it
  bool blocked_ = false; ///< waits to be writable
  std::uint32_t heard_ = 0;
  time_point opened_at_;
  std::string out_;
  std::string head_;
  frame_reader reader_;
};

} // namespace observer::loadgen
