#pragma once

#include "net/engineio/error.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Engine.IO protocol 4, sections "Packet encoding" and "Payload encoding".
namespace observer::engineio {

/// Protocol versions; 3 is what Socket.IO clients of version 2 speak.
enum class protocol { v3 = 3, v4 = 4 };

/// First character of a text packet.
enum class packet_type : char {
  open = '0',    ///< server, once: the handshake
  close = '1',   ///< either side: the transport may be closed
  ping = '2',    ///< server, every ping interval; client, as `2probe`
  pong = '3',    ///< the answer to a ping
  message = '4', ///< either side: application data
  upgrade = '5', ///< client: the probed transport takes over
  noop = '6',    ///< server: ends a waiting poll during an upgrade
};

/// One packet as received. `data` refers to the input, but for binary data
/// that came in base64 (`decoded`).
struct packet {
  packet_type type = packet_type::message;
  bool binary = false;
  std::string_view data;
};

/// Joins the packets of a polling payload.
inline constexpr char payload_separator = '\x1e';

/// Decodes one packet that is no binary one.
[[nodiscard]] boost::system::result<packet> decode_packet(std::string_view in);

/// Decodes one packet in text form, as in a payload or a WebSocket text
/// message: there, a binary one is `b` and base64.
/// @param decoded keeps the data of a binary packet.
[[nodiscard]] boost::system::result<packet>
decode_text_packet(std::string_view in, std::string& decoded);

/// Reads the packets of a polling payload, one after the other.
class payload_reader {
public:
  /// @param max_packets how many are read; one more is an error
  payload_reader(std::string_view payload, std::size_t max_packets)
    : rest_(payload),
      max_packets_(max_packets) {
  }

  /// The next packet; nothing behind the last one. A packet's data is valid
  /// until the next call. After an error there is nothing more to read.
  [[nodiscard]] boost::system::result<std::optional<packet>> next();

private:
  std::string_view rest_;
  std::size_t max_packets_;
  std::string decoded_;
  std::size_t count_ = 0;
  bool at_end_ = false;
};

/// Appends `data` in base64 (RFC 4648, section 4).
void append_base64(std::string& out, std::string_view data);

/// Appends what `in` stands for. Clients write base64 in many ways: in lines
/// (Java), without padding, in the URL-safe alphabet. Reads whatever Node's
/// `Buffer.from(in, 'base64')` reads, and as that does: digits of both
/// alphabets count, `=` ends them, all else is skipped, bits that make no byte
/// are left out.
void decode_base64(std::string& out, std::string_view in);

} // namespace observer::engineio
