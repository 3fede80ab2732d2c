#pragma once

#include "net/websocket/message_reader.hpp"

#include <cstdint>
#include <string>
#include <string_view>

/// A client's side, for tests.
namespace observer::websocket {

/// One masked frame as clients send it.
/// @param first the first byte: FIN, the reserved bits and the opcode.
inline std::string client_frame(unsigned char first, std::string_view payload,
                                std::uint32_t mask = 0x37FA213D) {
  std::string out;
  auto size = payload.size();
  out += static_cast<char>(first);
  auto big_endian = [&](int bytes) {
    for (int i = bytes - 1; i >= 0; --i)
      out += static_cast<char>(static_cast<std::uint64_t>(size) >> (8 * i));
  };
  if (size < 126) {
    out += static_cast<char>(0x80 | size);
  } else if (size < 65536) {
    out += static_cast<char>(0x80 | 126);
    big_endian(2);
  } else {
    out += static_cast<char>(0x80 | 127);
    big_endian(8);
  }
  for (int i = 3; i >= 0; --i)
    out += static_cast<char>(mask >> (8 * i));
  for (std::size_t i = 0; i < size; ++i)
    out += static_cast<char>(payload[i]
                             ^ static_cast<char>(mask >> (24 - 8 * (i % 4))));
  return out;
}

/// What a reader makes of a stream: messages as `opcode:data`, a space behind
/// each, and the close code with which the connection must be failed.
/// @param step the stream comes in pieces of so many bytes
inline std::string read_all(message_reader& reader, std::string stream,
                            std::size_t step = std::string::npos) {
  std::string result;
  for (std::size_t begin = 0; begin < stream.size();) {
    auto size = std::min(step, stream.size() - begin);
    // Pieces of their own, so that a sanitizer sees who reads beyond them.
    std::string piece = stream.substr(begin, size);
    begin += size;
    std::span<char> in{piece};
    for (;;) {
      auto next = reader.next(in);
      if (!next) {
        auto code = close_code_of(next.error());
        return result + "fail:" + std::to_string(static_cast<int>(code));
      }
      if (!*next)
        break;
      result += std::to_string(static_cast<int>((*next)->kind)) + ":";
      result += (*next)->data;
      result += ' ';
      if ((*next)->kind == opcode::close)
        return result; // nothing counts behind it
    }
  }
  return result;
}

inline std::string read_all(const std::string& stream,
                            const reader_limits& limits = {},
                            std::size_t step = std::string::npos) {
  message_reader reader{limits};
  return read_all(reader, stream, step);
}

} // namespace observer::websocket
