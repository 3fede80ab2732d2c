#include "net/engineio/payload_v3.hpp"

#include "net/engineio/outgoing.hpp"

#define CAF_SUITE net.engineio.payload_v3
#include "tests/test.hpp"

using namespace observer::engineio;

namespace {

/// What a payload decodes to, as `type:data` with `!` before binary data.
std::string decode_all(std::string_view payload, bool binary = false) {
  std::string result;
  payload_v3_reader reader{payload, binary, 4096};
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

using namespace std::string_view_literals;

} // namespace

CAF_TEST(a text payload has the length before each packet) {
  CAF_CHECK_EQUAL(decode_all("6:4hello1:2"), "4:hello 2: ");
  CAF_CHECK_EQUAL(decode_all("10:b4AQIDBA==1:1"), "4!\x01\x02\x03\x04 1: ");
}

CAF_TEST(lengths count what JavaScript counts) {
  CAF_CHECK_EQUAL(decode_all("3:4\u20ac!1:2"), "4:\u20ac! 2: ");
  CAF_CHECK_EQUAL(decode_all("3:4\U0001f600"
                             "1:2"),
                  "4:\U0001f600 2: ");
  CAF_CHECK_EQUAL(decode_all("2:4\U0001f600"),
                  "error invalid length of a packet");
}

CAF_TEST(a binary payload has lengths in bytes) {
  CAF_CHECK_EQUAL(decode_all("\0\6\xff"
                             "4hello\1\5\xff\4\1\2\3\4"sv,
                             true),
                  "4:hello 4!\x01\x02\x03\x04 ");
  CAF_CHECK_EQUAL(decode_all("\0\1\0\xff"
                             "4123456789"sv,
                             true),
                  "4:123456789 ");
}

CAF_TEST(what is no payload is an error) {
  for (auto bad : {""sv, ":"sv, "abc"sv, "1"sv, "0:"sv, "2:4"sv, "-1:4"sv,
                   "1:9"sv, "2:b5"sv, "12345678901:4"sv})
    CAF_CHECK(decode_all(bad).find("error") == 0);
  for (auto bad : {"\0"sv, "\0\xff"sv, "\0\1"sv,
                   "\0\2\xff"
                   "4"sv,
                   "\2\1\xff"
                   "4"sv,
                   "\0\x0b\xff"
                   "4"sv,
                   "\1\1\xff\5"sv, "\1\0\xff"sv})
    CAF_CHECK(decode_all(bad, true).find("error") == 0);
}

CAF_TEST(every cut of a payload but between packets is an error) {
  const auto whole = "6:4hello10:b4AQIDBA=="sv;
  for (std::size_t n = 0; n < whole.size(); ++n)
    CAF_CHECK_EQUAL(decode_all(whole.substr(0, n)).find("error")
                      != std::string::npos,
                    n != 8);
}

CAF_TEST(what is sent is a payload of version 3) {
  std::vector<std::string> attachments{"\x01\x02\x03\x04"};
  auto packets = outgoing::make_message("\u20ac", attachments);
  std::string payload;
  packets->append_to_payload_v3(payload);
  CAF_CHECK_EQUAL(payload, "2:4\u20ac10:b4AQIDBA==");
}

CAF_TEST(binary frames of version 3 begin with the type) {
  auto text = outgoing::make_message("x");
  CAF_CHECK(outgoing::to_v3(text) == text);
  std::vector<std::string> attachments{"\x01\x02"};
  auto both = outgoing::make_message("x", attachments);
  auto old = outgoing::to_v3(both);
  CAF_CHECK_EQUAL(old->websocket(), std::string("\x81\x02"
                                                "4x"
                                                "\x82\x03\x04\x01\x02"));
}
