#pragma once

#include "net/websocket/deflate.hpp"
#include "net/websocket/error.hpp"
#include "net/websocket/frame.hpp"

#include <boost/system/result.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace observer::websocket {

/// What a peer may send.
struct reader_limits {
  /// Bytes of one message; a frame that would exceed it is refused at its
  /// header.
  std::size_t message_bytes = 1'000'000;

  /// Frames of one message.
  std::size_t fragments = 1024;
};

/// A whole message, or a control frame. The view is valid until the reader is
/// called again, and as long as the bytes that were read.
struct message {
  opcode kind = opcode::text; ///< never `continuation`
  std::string_view data;      ///< unmasked, inflated, and UTF-8 if it is text
};

/// Puts a client's messages together. Whole frames are unmasked where they lie
/// and cost no copy; between messages no memory is held.
class message_reader {
public:
  /// @param limits must outlive the reader.
  explicit message_reader(const reader_limits& limits) : limits_(limits) {
  }

  /// Lets messages be compressed, as the handshake agreed.
  /// @param with must outlive the reader; may be shared.
  void allow_compression(inflater& with) {
    inflater_ = &with;
  }

  /// Reads from the front of `in` up to the end of the next message, and takes
  /// that away. Nothing: all of `in` was read, and more is needed.
  /// @param in its bytes are changed: unmasked.
  /// @returns one of `errc` if the connection must be failed; the reader is of
  ///          no use then.
  [[nodiscard]] boost::system::result<std::optional<message>>
  next(std::span<char>& in);

  /// Whether a message, or a frame, has begun whose end has not come.
  [[nodiscard]] bool is_inside() const noexcept {
    return message_kind_ != opcode::continuation || in_payload_
           || header_size_ > 0;
  }

  /// Memory that is held until the end of a message comes.
  [[nodiscard]] std::size_t unfinished_bytes() const noexcept {
    return assembled_.capacity();
  }

private:
  [[nodiscard]] std::size_t wanted_header() const;
  [[nodiscard]] boost::system::error_code check_start() const;
  [[nodiscard]] boost::system::error_code begin_frame();
  [[nodiscard]] boost::system::result<message> finish(std::string_view data);

  /// The first two bytes of a header tell most of it.
  [[nodiscard]] opcode kind() const {
    return static_cast<opcode>(header_[0] & 0x0F);
  }
  [[nodiscard]] bool is_final() const {
    return (header_[0] & 0x80) != 0;
  }

  const reader_limits& limits_;
  inflater* inflater_ = nullptr; ///< null: no compression was agreed on
  std::array<unsigned char, 14> header_{};
  std::uint8_t header_size_ = 0; ///< bytes of it that are there
  bool in_payload_ = false;
  opcode message_kind_ = opcode::continuation; ///< `continuation`: no message
  bool compressed_ = false;
  bool handed_out_ = false; ///< what was assembled has been read
  std::uint32_t fragments_ = 0;
  std::uint32_t mask_ = 0; ///< for the next byte of the payload
  std::uint64_t payload_left_ = 0;
  std::string assembled_; ///< parts of a message that is not complete
  std::string control_;   ///< a part of a control frame
};

} // namespace observer::websocket
