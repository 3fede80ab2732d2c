#pragma once

#include "net/websocket/frame.hpp"

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>

#include <string>

namespace observer::websocket {

/// How a peer can break the protocol. Each ends the connection, with the close
/// code that `close_code_of` tells.
enum class errc {
  reserved_bits = 1,   ///< a bit that no extension gave a meaning
  bad_opcode,          ///< an opcode that does not exist
  unmasked,            ///< a client's frame without a mask (section 5.1)
  bad_control_frame,   ///< one that is cut in pieces, or over 125 bytes
  bad_length,          ///< a length in more bytes than it needs, or over 2^63
  no_message,          ///< a continuation of nothing
  unfinished_message,  ///< a new message inside of one
  too_many_fragments,  ///< a message in more frames than allowed
  bad_close_payload,   ///< a close frame with half a code, or a wrong one
  message_too_big,     ///< more bytes than allowed, deflated or inflated
  bad_utf8,            ///< a text that is none
  bad_compressed_data, ///< bytes that do not inflate
};

inline const boost::system::error_category& category() {
  struct category_impl final : boost::system::error_category {
    [[nodiscard]] const char* name() const noexcept override {
      return "websocket";
    }
    [[nodiscard]] std::string message(int code) const override {
      switch (static_cast<errc>(code)) {
        case errc::reserved_bits:
          return "reserved bits are set";
        case errc::bad_opcode:
          return "unknown opcode";
        case errc::unmasked:
          return "a frame without a mask";
        case errc::bad_control_frame:
          return "invalid control frame";
        case errc::bad_length:
          return "invalid length of a frame";
        case errc::no_message:
          return "a continuation without a message";
        case errc::unfinished_message:
          return "a message inside of a message";
        case errc::too_many_fragments:
          return "too many fragments in a message";
        case errc::bad_close_payload:
          return "invalid close frame";
        case errc::message_too_big:
          return "message too big";
        case errc::bad_utf8:
          return "a text that is not UTF-8";
        case errc::bad_compressed_data:
          return "invalid compressed data";
      }
      return "unknown error";
    }
  };
  static const category_impl instance;
  return instance;
}

inline boost::system::error_code make_error_code(errc code) {
  return {static_cast<int>(code), category()};
}

/// What to tell a peer that did this.
/// @param error one of `errc`.
[[nodiscard]] inline close_code
close_code_of(const boost::system::error_code& error) {
  switch (static_cast<errc>(error.value())) {
    case errc::message_too_big:
      return close_code::too_big;
    case errc::bad_utf8:
    case errc::bad_compressed_data:
      return close_code::bad_payload;
    default:
      return close_code::protocol_error;
  }
}

} // namespace observer::websocket

template <>
struct boost::system::is_error_code_enum<observer::websocket::errc>
  : std::true_type {};
