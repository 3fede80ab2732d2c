#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The WebSocket protocol (RFC 6455) of a server, without I/O, and its
/// compression of messages (RFC 7692).
namespace observer::websocket {

/// What a frame is (section 5.2).
enum class opcode : std::uint8_t {
  continuation = 0, ///< goes on with the message that began before
  text = 1,         ///< begins a message of UTF-8
  binary = 2,       ///< begins a message of bytes
  close = 8,        ///< the sender says nothing more
  ping = 9,         ///< to be answered with a pong of the same payload
  pong = 10,        ///< answers a ping, or comes unasked
};

[[nodiscard]] constexpr bool is_control(opcode kind) noexcept {
  return static_cast<std::uint8_t>(kind) >= 8;
}

/// Why a connection ends, as its close frame says (section 7.4.1).
enum class close_code : std::uint16_t {
  none = 0,              ///< an empty close frame; the peer sees 1005
  normal = 1000,         ///< all is said
  protocol_error = 1002, ///< the peer broke this protocol
  bad_payload = 1007,    ///< text that is not UTF-8, or does not inflate
  policy = 1008,         ///< a message that has no end
  too_big = 1009,        ///< a message over the limit
};

/// In the first byte of a message: its payload is deflated (RFC 7692, section
/// 6).
inline constexpr unsigned char compressed_bit = 0x40;

/// Bytes of the longest header that a server sends.
inline constexpr std::size_t max_header_size = 10;

/// Payload of the longest control frame.
inline constexpr std::size_t max_control_size = 125;

/// Appends the header of an unmasked frame that is a message of its own, or a
/// control frame.
/// @param compressed the payload is deflated (RFC 7692, section 6).
void append_frame_header(std::string& out, opcode kind, std::uint64_t size,
                         bool compressed = false);

/// Appends a whole control frame. `payload` is cut at 125 bytes.
void append_control_frame(std::string& out, opcode kind,
                          std::string_view payload);

/// Appends a close frame without a reason.
void append_close_frame(std::string& out, close_code code);

/// The code in the payload of a close frame.
[[nodiscard]] close_code code_in(std::string_view payload);

} // namespace observer::websocket
