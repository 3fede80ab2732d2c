#include "net/engineio/packet.hpp"

#include "net/engineio/outgoing.hpp"

#define CAF_SUITE net.engineio.packet
#include "tests/test.hpp"

using namespace observer::engineio;

namespace {

/// What a payload decodes to, as `type:data` with `!` before binary data.
std::string decode_all(std::string_view payload) {
  std::string result;
  payload_reader reader{payload, 4096};
  for (;;) {
    auto next = reader.next();
    if (!next)
      return result + "error " + next.error().message();
    if (!*next)
      return result;
    result += static_cast<char>((*next)->type);
    result += (*next)->binary ? "!" : ":";
    result += std::string{(*next)->data} + " ";
  }
}

} // namespace

CAF_TEST(a packet is its type and its data) {
  auto packet = decode_packet("4hello");
  CAF_REQUIRE(packet.has_value());
  CAF_CHECK(packet->type == packet_type::message);
  CAF_CHECK_EQUAL(std::string{packet->data}, "hello");
}

CAF_TEST(an empty packet and an unknown type are errors) {
  CAF_CHECK(decode_packet("").error() == errc::empty_packet);
  CAF_CHECK(decode_packet("7x").error() == errc::unknown_type);
  CAF_CHECK(decode_packet("b").error() == errc::unknown_type);
}

CAF_TEST(a binary packet in text form is base64) {
  std::string decoded;
  auto binary = decode_text_packet("bAQID", decoded);
  CAF_REQUIRE(binary.has_value());
  CAF_CHECK(binary->binary);
  CAF_CHECK(binary->type == packet_type::message);
  CAF_CHECK_EQUAL(std::string{binary->data}, "\1\2\3");
  auto text = decode_text_packet("4b", decoded);
  CAF_REQUIRE(text.has_value());
  CAF_CHECK(!text->binary);
  CAF_CHECK(decode_text_packet("", decoded).error() == errc::empty_packet);
}

CAF_TEST(a payload is its packets in order with binary in base64) {
  CAF_CHECK_EQUAL(decode_all("4a\x1e"
                             "2\x1e"
                             "bAQID"),
                  "4:a 2: 4!\x01\x02\x03 ");
  CAF_CHECK_EQUAL(decode_all("4a\x1e"), "4:a error empty packet");
}

CAF_TEST(base64 is read as Node reads it) {
  // What `Buffer.from(in, 'base64')` of Node 20 makes of each.
  const std::pair<std::string_view, std::string_view> cases[] = {
    {"AQ==", "\x01"},
    {"AQ", "\x01"},
    {"AQI", "\x01\x02"},
    {"AR==", "\x01"}, // bits that make no byte
    {"AQ==\n", "\x01"},
    {"AQID\nBAUG\r\n", "\x01\x02\x03\x04\x05\x06"},
    {"\nA Q*I\xD1\xD1"
     "D",
     "\x01\x02\x03"},
    {"_-_-", "\xFF\xEF\xFE"},
    {"_+/-", "\xFF\xEF\xFE"},
    {"AQ==BAUG", "\x01"},
    {"AQ=ID", "\x01"},
    {"AQIDBAU=GAAA", "\x01\x02\x03\x04\x05"},
    {"AQID====", "\x01\x02\x03"},
    {"=AQID", ""},
    {"A", ""},
    {"!", ""},
    {"", ""},
  };
  for (auto& [in, out] : cases)
    CAF_CHECK_EQUAL(decode_all("b" + std::string{in}),
                    "4!" + std::string{out} + " ");
}

CAF_TEST(every byte is a digit of base64 or its end or skipped) {
  const std::string_view digits
    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs"
      "tuvwxyz0123456789+/-_";
  for (int code = 0; code < 256; ++code) {
    auto c = static_cast<char>(code);
    std::string decoded;
    decode_base64(decoded, std::string{"AQ"} + c + "IDBAUG");
    CAF_CHECK_EQUAL(decoded.size(), c == '=' ? 1u : 6u);
    auto skipped = decoded == "\x01\x02\x03\x04\x05\x06";
    CAF_CHECK_EQUAL(skipped,
                    c != '=' && digits.find(c) == std::string_view::npos);
  }
}

CAF_TEST(base64 that is cut gives the bytes that are whole) {
  const std::string_view whole = "AQIDBAUG";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    std::string decoded;
    decode_base64(decoded, whole.substr(0, size));
    CAF_CHECK_EQUAL(decoded,
                    std::string_view{"\1\2\3\4\5\6"}.substr(0, size * 6 / 8));
  }
}

CAF_TEST(a payload may hold 4096 packets and no more) {
  std::string payload = "4";
  for (std::size_t i = 1; i < 4096; ++i)
    payload += "\x1e"
               "4";
  CAF_CHECK(decode_all(payload).find("error") == std::string::npos);
  payload += "\x1e"
             "4";
  CAF_CHECK(decode_all(payload).find("error too many") != std::string::npos);
}

CAF_TEST(what is sent by polling reads back as it was) {
  std::vector<std::string> attachments{std::string("\0\xFF", 2), ""};
  std::string payload;
  outgoing::make_message("text", attachments)->append_to_payload(payload);
  outgoing::make(packet_type::ping)->append_to_payload(payload);
  CAF_CHECK_EQUAL(decode_all(payload),
                  std::string("4:text 4!\0\xFF 4! 2: ", 18));
}

CAF_TEST(websocket frames have the shortest header that fits) {
  auto header = [](std::size_t size) {
    auto frames
      = outgoing::make_message(std::string(size - 1, 'x'))->websocket();
    return frames.substr(0, frames.size() - size);
  };
  CAF_CHECK(header(125) == std::string("\x81\x7D", 2));
  CAF_CHECK(header(126) == std::string("\x81\x7E\x00\x7E", 4));
  CAF_CHECK(header(65535) == std::string("\x81\x7E\xFF\xFF", 4));
  CAF_CHECK(header(65536) == std::string("\x81\x7F\0\0\0\0\0\x01\0\0", 10));
}
