#pragma once

#include "net/engineio/packet.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Engine.IO protocol 3, section "Payload": packets with their length before
/// them. Text packets themselves are as in protocol 4.
namespace observer::engineio {

/// What a binary message begins with, on a WebSocket and in a binary payload:
/// the type as a number, not as a digit.
inline constexpr char binary_message_v3 = 4;

/// Reads the packets of a POST, one after the other.
class payload_v3_reader {
public:
  /// @param binary whether the payload is binary (`application/octet-stream`):
  ///        `<0 text, 1 binary><digits of the length><255><packet>`; otherwise
  ///        `<length in UTF-16 units>:<packet>`, binary data as `b4` + base64.
  /// @param max_packets how many are read; one more is an error
  payload_v3_reader(std::string_view payload, bool binary,
                    std::size_t max_packets)
    : rest_(payload),
      binary_(binary),
      max_packets_(max_packets) {
  }

  /// The next packet; nothing behind the last one. A packet's data is valid
  /// until the next call. After an error there is nothing more to read.
  [[nodiscard]] boost::system::result<std::optional<packet>> next();

private:
  [[nodiscard]] boost::system::result<packet> next_of_text();
  [[nodiscard]] boost::system::result<packet> next_of_binary();

  std::string_view rest_;
  bool binary_;
  std::size_t max_packets_;
  std::string decoded_;
  std::size_t count_ = 0;
};

/// Decodes one packet in text form, as in a payload or a WebSocket text
/// message: there, a binary one is `b`, its type and base64.
/// @param decoded keeps the data of a binary packet.
[[nodiscard]] boost::system::result<packet>
decode_text_packet_v3(std::string_view in, std::string& decoded);

/// Decodes a binary message of a WebSocket.
[[nodiscard]] boost::system::result<packet>
decode_binary_v3(std::string_view in);

/// Appends a text packet, type included, to a payload.
void append_text_v3(std::string& out, std::string_view packet);

/// Appends a binary message to a payload, in base64: every client can read
/// that, whatever its platform.
void append_binary_v3(std::string& out, std::string_view data);

} // namespace observer::engineio
