#pragma once

#include "messages/client_events.hpp"
#include "messages/replies.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How actors reach clients without knowing a wire format: the seam between
/// `actors/` and `net/gateway`, which implements these classes.
namespace observer {

/// Names what a room has said among all that it says, so that a client can tell
/// what it heard last (connection state recovery, Socket.IO 4.6).
struct event_id {
  room_id room{};
  revision rev = 0;         ///< the newest stored event that was told by then
  std::uint32_t life = 0;   ///< random, another one for each room actor
  std::uint64_t number = 0; ///< counts up; 0: the event has no id

  [[nodiscard]] bool is_set() const noexcept {
    return number != 0;
  }

  bool operator==(const event_id&) const = default;
};

/// How far a client has heard a room: all that the room stored up to `rev`.
struct room_position {
  room_id room{};
  revision rev = 0;

  bool operator==(const room_position&) const = default;
};

/// What a client that comes back says it has heard.
struct heard_so_far {
  event_id last;                     ///< not set: nothing yet
  std::vector<room_position> others; ///< the other rooms it was in at that time
};

/// A client event in the form in which it travels: encoded once, shared by all
/// receivers on all loops. Immutable.
class encoded_event {
public:
  /// @param room_update whether it is a `client_event::room_data` of that kind
  encoded_event(const event_id& id, std::size_t bytes, bool room_update)
    : id_(id),
      bytes_(bytes),
      room_update_(room_update) {
  }

  virtual ~encoded_event() = default;

  [[nodiscard]] const event_id& id() const noexcept {
    return id_;
  }

  /// What it costs to keep it.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return bytes_;
  }

  /// Whether it shows a whole room that has changed: not for those who list its
  /// members by pages.
  [[nodiscard]] bool is_room_update() const noexcept {
    return room_update_;
  }

private:
  event_id id_;
  std::size_t bytes_;
  bool room_update_;
};

/// Whether an event becomes an `encoded_event` that is a room update.
[[nodiscard]] inline bool is_room_update(const client_event::any& event) {
  const auto* data = std::get_if<client_event::room_data>(&event);
  return data != nullptr && data->update;
}

using frame = std::shared_ptr<const encoded_event>;

/// Turns a client event into its shared form. Thread-safe.
class event_encoder {
public:
  virtual ~event_encoder() = default;
  /// @param id what a client will call it; not set: it need not be recovered.
  [[nodiscard]] virtual frame encode(const client_event::any& event,
                                     const event_id& id = {}) const = 0;

  /// The same event for a client in several rooms: a copy that says as well how
  /// far the client has heard the others.
  [[nodiscard]] virtual frame
  with_positions(const frame& event,
                 const std::vector<room_position>& others) const = 0;
};

/// Whether a frame may be left out for a client that is behind.
enum class urgency {
  keep,     ///< must arrive, or the client is cut off
  droppable ///< worth nothing when late
};

/// Which request an answer belongs to.
struct request_tag {
  std::string_view event;           ///< static: a row of the event table
  std::optional<std::uint64_t> ack; ///< absent: the client wants none
};

/// What there is to know about a client's connection.
struct connection_info {
  std::string socket_id; ///< public Socket.IO id
  /// The secret with which another connection can ask for this one's session
  /// (Socket.IO `pid`); empty without recovery.
  std::string recovery_id;
  std::string address;   ///< peer, without port
  std::string transport; ///< `polling` or `websocket`
  std::uint64_t queued_bytes = 0;
  /// Which of its session's connections this is: 0 the first, counted by the
  /// hub.
  std::uint32_t epoch = 0;
};

/// A connection, as it is counted.
struct line_figures {
  std::string_view transport; ///< static: `polling`, `websocket`; empty: lost
  int protocol = 0;           ///< of Engine.IO: 3 or 4
  std::uint64_t queued_bytes = 0;
};

/// One client's connection. Used on its loop only, mostly by the hub.
class client_port {
public:
  virtual ~client_port() = default;

  /// Queues an event behind all that is queued already.
  virtual void deliver(const frame& event, urgency how) = 0;

  /// Answers one request. Called exactly once for each request that the client
  /// handed to its session; this is what gives the client new credit.
  virtual void answer(const request_tag& tag, const reply& result) = 0;

  /// Ends the connection; `why` goes to the log.
  virtual void close(std::string_view why) = 0;

  /// Another connection has the session now: nothing more is to be said in its
  /// name.
  virtual void fenced() = 0;

  [[nodiscard]] virtual connection_info info() const = 0;

  [[nodiscard]] virtual line_figures figures() const {
    return {};
  }
};

using client_port_ptr = std::shared_ptr<client_port>;

} // namespace observer
