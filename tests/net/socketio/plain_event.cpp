#include "net/socketio/plain_event.hpp"

#include "net/socketio/json.hpp"

#define CAF_SUITE net.socketio.plain_event
#include "tests/test.hpp"

using namespace observer::socketio;

namespace {

/// The fields of a packet that is a plain event, or nothing.
std::string show(std::string_view packet, const packet_limits& limits = {}) {
  plain_event event;
  if (!read_plain_event(packet, limits, event))
    return "";
  auto out = (event.ack ? std::to_string(*event.ack) : "-") + " ";
  out += event.name;
  for (auto& [name, value] : event.fields) {
    out.append(" ").append(name).append("=");
    if (const auto* text = std::get_if<std::string_view>(&value))
      out.append("'").append(*text).append("'");
    else if (const auto* number = std::get_if<std::int64_t>(&value))
      out += std::to_string(*number);
    else if (const auto* flag = std::get_if<bool>(&value))
      out += *flag ? "yes" : "no";
    else
      out += "null";
  }
  return out;
}

} // namespace

CAF_TEST(an event has a name and perhaps an ack and fields) {
  CAF_CHECK_EQUAL(show(R"(2["leave"])"), "- leave");
  CAF_CHECK_EQUAL(show(R"(2["leave",{}])"), "- leave");
  CAF_CHECK_EQUAL(show(R"(217["leave"])"), "17 leave");
  CAF_CHECK_EQUAL(show(R"(20["message",{"text":"hi","room_id":1000}])"),
                  "0 message text='hi' room_id=1000");
  CAF_CHECK_EQUAL(show(R"(2["",{"":""}])"), "-  =''");
}

CAF_TEST(values are texts and whole numbers and flags and null) {
  CAF_CHECK_EQUAL(show(R"(2["e",{"a":true,"b":false,"c":null}])"),
                  "- e a=yes b=no c=null");
  CAF_CHECK_EQUAL(show(R"(2["e",{"a":0,"b":-7,"c":123456789012345}])"),
                  "- e a=0 b=-7 c=123456789012345");
  CAF_CHECK_EQUAL(show(R"(2["e",{"a":"äöü 😀 and more than eight bytes"}])"),
                  "- e a='äöü 😀 and more than eight bytes'");
}

CAF_TEST(every length of text ends at its quote) {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string text(size, 'x');
    CAF_CHECK_EQUAL(show(R"(2["e",{"a":")" + text + R"(","b":1}])"),
                    "- e a='" + text + "' b=1");
  }
}

CAF_TEST(all else is left to the decoder) {
  for (auto* packet :
       {"",
        "2",
        "2[",
        "2[]",
        "2[1]",
        R"(2["e")",
        R"(2["e"]])",
        R"(2["e"] )",
        R"(2["e",])",
        R"(2["e",1])",
        R"(2["e",[]])",
        R"(2["e",{},{}])",
        R"(2["e",{"a":1,}])",
        R"(2["e",{"a"}])",
        R"(2["e",{"a":}])",
        R"(2["e",{"a":{}}])",
        R"(2["e",{"a":[]}])",
        R"(2["e",{"a":tru}])",
        R"(2["e", {}])",
        R"(2["e",{"a": 1}])", // blanks
        R"(2["e",{"a":1.5}])",
        R"(2["e",{"a":1e3}])",
        R"(2["e",{"a":-0}])",
        R"(2["e",{"a":01}])",
        R"(2["e",{"a":-}])",
        R"(2["e",{"a":+1}])",
        R"(2["e",{"a":1234567890123456}])", // perhaps not exact
        R"(2["e",{"a":"\n"}])",
        R"(2["\u0065"])", // escapes
        "2[\"e\",{\"a\":\"\n\"}]",
        "2[\"e\",{\"a\":\"\x7f\xff\"}]",
        "2[\"e\",{\"a\":\"\xED\x95\x9C\"}]", // begins as surrogates do
        "2[\"e\",{\"a\":\"\xC0\x80\"}]",
        "2[\"e\",{\"a\":\"\xC3\"}]",
        R"(2/news,["e"])",
        R"(21234567890123456["e"])",
        R"(3["e"])",
        R"(51-["e"])",
        R"(2["connect"])",
        R"(2["disconnecting",{}])"})
    CAF_CHECK_EQUAL(show(packet), "");
}

CAF_TEST(what meets a limit is left to the decoder) {
  packet_limits limits;
  limits.event_name = 4;
  CAF_CHECK_EQUAL(show(R"(2["four"])", limits), "- four");
  CAF_CHECK_EQUAL(show(R"(2["fifth"])", limits), "");
  limits = {};
  limits.values = 10;
  CAF_CHECK_EQUAL(show(R"(2["leave"])", limits), "- leave");
  CAF_CHECK_EQUAL(show(R"(2["leave",{}])", limits), "");
  limits = {};
  limits.depth = 1;
  CAF_CHECK_EQUAL(show(R"(2["leave"])", limits), "");
  std::string packet = R"(2["e",{"a":0)";
  for (std::size_t i = 1; i < plain_event::max_fields; ++i)
    packet += R"(,"a":)" + std::to_string(i);
  CAF_CHECK_NOT_EQUAL(show(packet + "}]"), "");
  CAF_CHECK_EQUAL(show(packet + R"(,"a":0}])"), "");
}
