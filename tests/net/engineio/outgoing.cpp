#include "net/engineio/outgoing.hpp"

#define CAF_SUITE net.engineio.outgoing
#include "tests/test.hpp"

using namespace observer::engineio;

namespace {

std::string payload_of(const outgoing& packets) {
  std::string result;
  packets.append_to_payload(result);
  return result;
}

} // namespace

CAF_TEST(a packet is its type and data in one text frame) {
  auto ping = outgoing::make(packet_type::ping);
  CAF_CHECK_EQUAL(ping->websocket(), "\x81\x01"
                                     "2");
  CAF_CHECK_EQUAL(payload_of(*ping), "2");
  CAF_CHECK_EQUAL(ping->packets(), 1u);
  auto pong = outgoing::make(packet_type::pong, "probe");
  CAF_CHECK_EQUAL(pong->websocket(), "\x81\x06"
                                     "3probe");
  CAF_CHECK_EQUAL(payload_of(*pong), "3probe");
}

CAF_TEST(a message is followed by its attachments as they are) {
  std::vector<std::string> attachments{{"\x00\xFF", 2}, {}};
  auto message = outgoing::make_message("x", attachments);
  CAF_CHECK_EQUAL(message->websocket(), std::string("\x81\x02"
                                                    "4x\x82\x02\x00\xFF"
                                                    "\x82\x00",
                                                    10));
  CAF_CHECK_EQUAL(message->packets(), 3u);
}

CAF_TEST(a polling payload holds attachments in base64) {
  std::vector<std::string> attachments{{"\x00\xFF", 2}, {}};
  CAF_CHECK_EQUAL(payload_of(*outgoing::make_message("x", attachments)),
                  "4x\x1e"
                  "bAP8=\x1e"
                  "b");
}

CAF_TEST(packets in one payload are separated) {
  std::string payload;
  outgoing::make_message("a")->append_to_payload(payload);
  outgoing::make(packet_type::noop)->append_to_payload(payload);
  CAF_CHECK_EQUAL(payload, "4a\x1e"
                           "6");
}

CAF_TEST(a frame has the shortest header that fits) {
  auto header = [](std::size_t size) {
    auto frame = outgoing::make_message(std::string(size - 1, 'x'));
    auto& bytes = frame->websocket();
    return bytes.substr(0, bytes.size() - size);
  };
  CAF_CHECK_EQUAL(header(125), "\x81\x7D");
  CAF_CHECK_EQUAL(header(126), std::string("\x81\x7E\x00\x7E", 4));
  CAF_CHECK_EQUAL(header(65535), "\x81\x7E\xFF\xFF");
  CAF_CHECK_EQUAL(header(65536), std::string("\x81\x7F\0\0\0\0\0\x01\0\0", 10));
}
