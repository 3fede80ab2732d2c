#include "net/websocket/frame.hpp"

namespace observer::websocket {

namespace {

constexpr unsigned char final_bit = 0x80;

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i)
    out.push_back(static_cast<char>(value >> (8 * i)));
}

} // namespace

void append_frame_header(std::string& out, opcode kind, std::uint64_t size,
                         bool compressed) {
  out.push_back(static_cast<char>(final_bit | (compressed ? compressed_bit : 0)
                                  | static_cast<unsigned char>(kind)));
  if (size < 126) {
    out.push_back(static_cast<char>(size));
  } else if (size < 65536) {
    out.push_back(126);
    append_big_endian(out, size, 2);
  } else {
    out.push_back(127);
    append_big_endian(out, size, 8);
  }
}

void append_control_frame(std::string& out, opcode kind,
                          std::string_view payload) {
  payload = payload.substr(0, max_control_size);
  append_frame_header(out, kind, payload.size());
  out.append(payload);
}

void append_close_frame(std::string& out, close_code code) {
  if (code == close_code::none)
    return append_frame_header(out, opcode::close, 0);
  append_frame_header(out, opcode::close, 2);
  append_big_endian(out, static_cast<std::uint16_t>(code), 2);
}

close_code code_in(std::string_view payload) {
  if (payload.size() < 2)
    return close_code::none;
  auto byte = [&](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(payload[i]));
  };
  return static_cast<close_code>(byte(0) << 8 | byte(1));
}

} // namespace observer::websocket
