#pragma once

#include "net/socketio/error.hpp"

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Socket.IO protocol 5, section "Packet encoding".
namespace observer::socketio {

/// Protocol versions. Version 4 is what clients of Socket.IO 2 speak, over
/// Engine.IO 3: the server enters the default namespace for them, its CONNECT
/// has no payload, and its CONNECT_ERROR is a text.
enum class protocol { v4 = 4, v5 = 5 };

/// How a client writes packets as Engine.IO messages, and wants them written.
/// The kind of its first message tells which one it has.
enum class parser {
  json,    ///< npm's socket.io-parser: a text, its attachments behind it
  msgpack, ///< npm's socket.io-msgpack-parser: one binary message
};

/// The parsers that clients may have.
struct parser_set {
  bool json = true;
  bool msgpack = true;
};

/// First character of a packet, or the digit that is its number in MessagePack.
enum class packet_type : char {
  connect = '0',       ///< client: enter a namespace; server: you are in
  disconnect = '1',    ///< either side: leave the namespace
  event = '2',         ///< either side
  ack = '3',           ///< either side: answers an event that had an id
  connect_error = '4', ///< server: the namespace refuses
  binary_event = '5',  ///< an event with attachments, in JSON
  binary_ack = '6',    ///< an ack with attachments, in JSON
};

/// What one packet may hold (PROMISES.md, "Packets").
struct packet_limits {
  std::size_t depth = 64;
  std::size_t values = 100'000;
  std::size_t members = 1000;   ///< of one object, see `json_limits`
  std::size_t event_name = 128; ///< bytes
  std::size_t arguments = 16;   ///< of an event, without its name
  std::size_t attachments = 10;
  std::size_t attachment_bytes = 1'000'000; ///< all of a packet together
};

/// Ids of acks are whole numbers that JavaScript can hold.
inline constexpr std::uint64_t max_ack_id = (std::uint64_t{1} << 53) - 1;

/// A packet as received. Events and acks with attachments come as `event` and
/// `ack`; `attachments` tells the difference.
struct packet {
  packet_type type = packet_type::event;
  std::string nsp = "/";
  std::optional<std::uint64_t> id;
  /// Null if there is none. Attachments stand in it as placeholders:
  /// `{"_placeholder":true,"num":0}`.
  boost::json::value data;
  std::vector<std::string> attachments;
};

struct plain_event;

/// Puts packets together from Engine.IO messages.
class decoder {
public:
  /// @param limits must stay
  explicit decoder(const packet_limits& limits, parser how = parser::json)
    : limits_(limits),
      parser_(how) {
  }

  explicit decoder(const packet_limits&&, parser = parser::json) = delete;

  [[nodiscard]] parser how() const noexcept {
    return parser_;
  }

  /// From here on packets are written so. Before the first one.
  void expect(parser how) noexcept {
    parser_ = how;
  }

  /// Reads a text message that is a plain event. False: `decode_text` must say
  /// what it is.
  [[nodiscard]] bool decode_plain(std::string_view in, plain_event& out) const;

  /// Takes a text message. A packet, or nothing if its attachments are still
  /// to come.
  [[nodiscard]] boost::system::result<std::optional<packet>>
  decode_text(std::string_view in);

  /// Takes a binary message: the next attachment, or all of a packet in
  /// MessagePack.
  [[nodiscard]] boost::system::result<std::optional<packet>>
  decode_binary(std::string_view in);

  /// Bytes of a packet whose attachments are still to come, as they came.
  [[nodiscard]] std::size_t unfinished_bytes() const noexcept {
    return pending_ ? pending_->text + pending_->bytes : 0;
  }

  /// Whether attachments of a packet are still to come.
  [[nodiscard]] bool awaits_attachments() const noexcept {
    return pending_ != nullptr;
  }

private:
  [[nodiscard]] boost::system::result<std::optional<packet>>
  decode_msgpack(std::string_view in) const;

  const packet_limits& limits_;
  parser parser_;
  /// A packet whose attachments are still to come.
  struct incomplete {
    packet whole;
    std::size_t missing = 0; ///< attachments
    std::size_t text = 0;    ///< bytes of the packet itself
    std::size_t bytes = 0;   ///< of the attachments that are there
  };

  std::unique_ptr<incomplete> pending_; ///< there rarely is one
};

/// Whether clients emit events of that name to themselves: a peer must not fake
/// them.
[[nodiscard]] bool is_reserved(std::string_view event);

/// Whether `value` is an attachment's placeholder.
[[nodiscard]] bool is_placeholder(const boost::json::value& value);

/// What `value` stands for; null if it is no placeholder of one of
/// `attachments`.
[[nodiscard]] const std::string*
find_attachment(const boost::json::value& value,
                std::span<const std::string> attachments);

} // namespace observer::socketio
