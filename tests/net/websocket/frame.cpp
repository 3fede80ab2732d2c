#include "net/websocket/frame.hpp"

#define CAF_SUITE net.websocket.frame
#include "tests/test.hpp"

using namespace observer::websocket;
using namespace std::string_literals;

namespace {

std::string header(opcode kind, std::uint64_t size, bool compressed = false) {
  std::string out;
  append_frame_header(out, kind, size, compressed);
  return out;
}

} // namespace

CAF_TEST(a length takes as many bytes as it needs) {
  CAF_CHECK_EQUAL(header(opcode::text, 0), "\x81\x00"s);
  CAF_CHECK_EQUAL(header(opcode::text, 125), "\x81\x7D"s);
  CAF_CHECK_EQUAL(header(opcode::binary, 126), "\x82\x7E\x00\x7E"s);
  CAF_CHECK_EQUAL(header(opcode::binary, 65535), "\x82\x7E\xFF\xFF"s);
  CAF_CHECK_EQUAL(header(opcode::text, 65536),
                  "\x81\x7F\x00\x00\x00\x00\x00\x01\x00\x00"s);
}

CAF_TEST(a compressed frame has the first reserved bit) {
  CAF_CHECK_EQUAL(header(opcode::text, 1, true), "\xC1\x01"s);
}

CAF_TEST(a control frame is cut at 125 bytes) {
  std::string out;
  append_control_frame(out, opcode::pong, "hi");
  CAF_CHECK_EQUAL(out, "\x8A\x02hi"s);
  out.clear();
  append_control_frame(out, opcode::ping, std::string(200, 'x'));
  CAF_CHECK_EQUAL(out, "\x89\x7D"s + std::string(125, 'x'));
}

CAF_TEST(a close frame tells its code or nothing) {
  std::string out;
  append_close_frame(out, close_code::none);
  append_close_frame(out, close_code::too_big);
  CAF_CHECK_EQUAL(out, "\x88\x00\x88\x02\x03\xF1"s);
  CAF_CHECK(code_in("\x03\xF1 and why") == close_code::too_big);
  CAF_CHECK(code_in("") == close_code::none);
  CAF_CHECK(code_in("\x03") == close_code::none);
}
