#pragma once

#include "net/engineio/packet.hpp"
#include "net/websocket/deflate.hpp"
#include "net/websocket/frame.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace observer::engineio {

class outgoing;
using outgoing_ptr = std::shared_ptr<const outgoing>;

/// One or more packets on their way to clients, encoded once and shared by all
/// connections that send them. Immutable.
///
/// The bytes are WebSocket frames (RFC 6455, section 5.2; unmasked, as from a
/// server), because most connections want just these; a polling payload is cut
/// out of them.
class outgoing {
  struct token {
    explicit token() = default;
  };

public:
  /// For those that make one, below.
  explicit outgoing(token) {
  }

  /// A single text packet.
  [[nodiscard]] static outgoing_ptr make(packet_type type,
                                         std::string_view data = {});

  /// A binary message.
  [[nodiscard]] static outgoing_ptr make_binary(std::string_view data);

  /// A text message and the binary messages that belong to it, to be sent as
  /// one unit.
  [[nodiscard]] static outgoing_ptr
  make_message(std::string_view text,
               std::span<const std::string> attachments = {});

  /// All packets as WebSocket frames.
  [[nodiscard]] const std::string& websocket() const noexcept {
    return frames_;
  }

  /// How many packets these are.
  [[nodiscard]] std::size_t packets() const noexcept {
    return (text_.size > 0 ? 1 : 0) + binaries_.size();
  }

  /// The data of the text message that `make_message` was given.
  [[nodiscard]] std::string_view text() const noexcept {
    return bytes(text_).substr(1);
  }

  /// The binary message at `index`, of those that `make_message` was given.
  [[nodiscard]] std::string_view attachment(std::size_t index) const {
    return bytes(binaries_.at(index));
  }

  /// Appends the packets to a polling payload, separators between them.
  void append_to_payload(std::string& out) const;

  /// The same for a client of protocol 3.
  void append_to_payload_v3(std::string& out) const;

  /// The frames for a client of protocol 3, where a binary message begins with
  /// its type. Without binary messages these are `websocket()` themselves, and
  /// nothing is copied.
  [[nodiscard]] static outgoing_ptr to_v3(const outgoing_ptr& packets);

  /// The frames for a WebSocket whose peer inflates: those with a payload of
  /// `above` bytes or more are compressed. Without such frames these are
  /// `packets` themselves.
  [[nodiscard]] static outgoing_ptr deflate(const outgoing_ptr& packets,
                                            std::size_t above,
                                            websocket::deflater& with);

private:
  struct part {
    std::size_t begin;
    std::size_t size;
  };

  part add_frame(websocket::opcode kind, std::string_view first,
                 std::string_view second, bool compressed = false);
  [[nodiscard]] std::string_view bytes(const part& x) const {
    return std::string_view{frames_}.substr(x.begin, x.size);
  }

  std::string frames_;
  part text_{}; ///< empty: there is none
  std::vector<part> binaries_;
};

} // namespace observer::engineio
