#include "net/socketio/encoding.hpp"

#include "net/socketio/msgpack.hpp"

#define CAF_SUITE net.socketio.encoding
#include "tests/test.hpp"

using namespace observer;
using namespace observer::socketio;

namespace json = boost::json;
using type = packet_type;

namespace {

constexpr std::string_view hex = "0123456789ABCDEF";

/// Text messages as they are on the wire, binary ones as hexadecimal digits.
std::string show(const engineio::outgoing_ptr& packets) {
  auto frames = std::string_view{packets->websocket()};
  std::string out;
  while (!frames.empty()) {
    auto is_text = frames[0] == '\x81';
    auto size = static_cast<std::size_t>(frames[1]); // short ones only
    CAF_REQUIRE(size < 126);
    if (is_text)
      out += frames.substr(2, size);
    else
      for (unsigned char c : frames.substr(2, size))
        out.append({hex[c >> 4], hex[c & 15]});
    frames.remove_prefix(2 + size);
    out += frames.empty() ? "" : "|";
  }
  return out;
}

std::string head(type kind, std::string_view nsp, std::size_t attachments = 0,
                 std::optional<std::uint64_t> id = {}) {
  std::string out;
  append_head(out, kind, nsp, attachments, id);
  return out;
}

const json::object connected{{"sid", "abc"}};
const json::object refused{{"message", "no"}};
const std::vector<std::string> bytes{"\x01\x02"};

/// `["x",{"b":BYTES}]`, the second argument written as `add` does it.
std::string event(parser how, auto add) {
  packet_writer out{how, type::event, "/", 300, bytes};
  out.add_text("x");
  add(out);
  return show(out.finish());
}

} // namespace

CAF_TEST(heads have type and attachments and namespace and id) {
  CAF_CHECK_EQUAL(head(type::event, "/"), "2");
  CAF_CHECK_EQUAL(head(type::event, "/x", 0, 12), "2/x,12");
  CAF_CHECK_EQUAL(head(type::event, "/", 2), "52-");
  CAF_CHECK_EQUAL(head(type::ack, "/x", 1, 0), "61-/x,0");
}

CAF_TEST(packets in json have the bytes of the protocol) {
  auto write = [](auto... what) { return show(encode(parser::json, what...)); };
  CAF_CHECK_EQUAL(write(type::connect, "/", connected), R"(40{"sid":"abc"})");
  CAF_CHECK_EQUAL(write(type::connect, "/x", connected),
                  R"(40/x,{"sid":"abc"})");
  CAF_CHECK_EQUAL(write(type::connect, "/"), "40"); // protocol 4
  CAF_CHECK_EQUAL(write(type::connect_error, "/x", refused),
                  R"(44/x,{"message":"no"})");
  CAF_CHECK_EQUAL(write(type::connect_error, "/x", "\"no\""),
                  R"(44/x,"\"no\"")"); // protocol 4
  CAF_CHECK_EQUAL(write(type::disconnect, "/"), "41");
  CAF_CHECK_EQUAL(write(type::disconnect, "/x"), "41/x,");
}

// The bytes in these are those of notepack.io 2.2.0.

CAF_TEST(packets in messagepack have the bytes of npm) {
  auto write = [](auto... what) {
    return show(encode(parser::msgpack, what...));
  };
  CAF_CHECK_EQUAL(write(type::connect, "/", connected),
                  "83A47479706500A46461746181A3736964A3616263A36E7370A12F");
  CAF_CHECK_EQUAL(write(type::disconnect, "/"), "82A47479706501A36E7370A12F");
  CAF_CHECK_EQUAL(
    write(type::connect_error, "/x", refused),
    "83A47479706504A46461746181A76D657373616765A26E6FA36E7370A22F78");
}

CAF_TEST(arguments are the same whichever way they are added) {
  const std::string text = R"({"b":{"_placeholder":true,"num":0}})";
  auto add_text = [&](auto& out) { out.add_json(text); };
  auto add_value = [&](auto& out) {
    out.add(json::object{{"b", {{"_placeholder", true}, {"num", 0}}}});
  };
  const auto in_json = "451-300[\"x\"," + text + "]|0102";
  CAF_CHECK_EQUAL(event(parser::json, add_text), in_json);
  CAF_CHECK_EQUAL(event(parser::json, add_value), in_json);
  const std::string in_msgpack
    = "84A47479706502A46461746192A17881A162C4020102A36E7370A12F"
      "A26964CD012C";
  CAF_CHECK_EQUAL(event(parser::msgpack, add_text), in_msgpack);
  CAF_CHECK_EQUAL(event(parser::msgpack, add_value), in_msgpack);
}

CAF_TEST(a packet may have no argument) {
  auto write = [](parser how) {
    return show(packet_writer{how, type::ack, "/n", 7}.finish());
  };
  CAF_CHECK_EQUAL(write(parser::json), "43/n,7[]");
  CAF_CHECK_EQUAL(write(parser::msgpack),
                  "84A47479706503A46461746190A36E7370A22F6EA2696407");
}
