#pragma once

#include "net/socketio/error.hpp"

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Socket.IO protocol 5, section "Packet encoding".
namespace observer::socketio {

/// Protocol versions. Version 4 is what clients of Socket.IO 2 speak, over
/// Engine.IO 3: the server enters the default namespace for them, its CONNECT
/// has no payload, and its CONNECT_ERROR is a text.
enum class protocol { v4 = 4, v5 = 5 };

/// First character of a packet.
enum class packet_type : char {
  connect = '0',       ///< client: enter a namespace; server: you are in
  disconnect = '1',    ///< either side: leave the namespace
  event = '2',         ///< either side
  ack = '3',           ///< either side: answers an event that had an id
  connect_error = '4', ///< server: the namespace refuses
  binary_event = '5',  ///< an event with attachments
  binary_ack = '6',    ///< an ack with attachments
};

/// What one packet may hold (PROMISES.md, "Packets").
struct packet_limits {
  std::size_t depth = 64;
  std::size_t values = 100'000;
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

/// Puts packets together from Engine.IO messages.
class decoder {
public:
  explicit decoder(const packet_limits& limits) : limits_(limits) {
  }

  /// Takes a text message. A packet, or nothing if its attachments are still
  /// to come.
  [[nodiscard]] boost::system::result<std::optional<packet>>
  decode_text(std::string_view in);

  /// Takes a binary message: the next attachment.
  [[nodiscard]] boost::system::result<std::optional<packet>>
  decode_binary(std::string_view in);

private:
  packet_limits limits_;
  std::optional<packet> pending_;
  std::size_t missing_ = 0;
  std::size_t bytes_ = 0;
};

/// Whether `value` is an attachment's placeholder.
[[nodiscard]] bool is_placeholder(const boost::json::value& value);

// -- encoding: every function appends to `out`
// ---------------------------------

/// Everything before the JSON: type, number of attachments, namespace, id.
void append_head(std::string& out, packet_type type, std::string_view nsp,
                 std::size_t attachments = 0,
                 std::optional<std::uint64_t> id = {});

/// CONNECT, server to client: `0{"sid":"..."}`, and `"pid":"..."` unless it is
/// empty.
void append_connect(std::string& out, std::string_view nsp,
                    std::string_view sid, std::string_view pid = {});

/// CONNECT to a client of protocol 4: `0`.
void append_connect_v4(std::string& out, std::string_view nsp);

/// CONNECT_ERROR: `4{"message":"..."}`, and `"data":...` unless it is null.
void append_connect_error(std::string& out, std::string_view nsp,
                          std::string_view message,
                          const boost::json::value& data = {});

/// ERROR to a client of protocol 4: `4"..."`.
void append_error_v4(std::string& out, std::string_view nsp,
                     std::string_view message);

/// DISCONNECT: `1`.
void append_disconnect(std::string& out, std::string_view nsp);

} // namespace observer::socketio
