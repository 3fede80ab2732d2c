#include "net/socketio/packet.hpp"

#include "net/socketio/json.hpp"
#include "net/socketio/msgpack.hpp"

#include <boost/json/serialize.hpp>

#define CAF_SUITE net.socketio.packet
#include "tests/test.hpp"

using namespace observer::socketio;

namespace json = boost::json;

namespace {

const packet_limits usual;

std::string show(const boost::system::result<std::optional<packet>>& result) {
  if (!result)
    return "error " + result.error().message();
  if (!*result)
    return "incomplete";
  auto& packet = **result;
  std::string out{static_cast<char>(packet.type)};
  out += " " + packet.nsp + " ";
  out += packet.id ? std::to_string(*packet.id) : "-";
  out += " ";
  append_json(out, packet.data);
  for (auto& attachment : packet.attachments)
    out += "+" + attachment;
  return out;
}

/// What one text message decodes to; attachments are not given.
std::string decode(std::string_view in) {
  return show(decoder{usual}.decode_text(in));
}

/// What one binary message decodes to in MessagePack.
std::string unpack_bytes(std::string_view in) {
  return show(decoder{usual, parser::msgpack}.decode_binary(in));
}

std::string unpack(const json::object& in,
                   const std::vector<std::string>& attachments = {}) {
  std::string bytes;
  append_msgpack(bytes, in, attachments);
  return unpack_bytes(bytes);
}

} // namespace

CAF_TEST(packets decode to type and namespace and id and data) {
  CAF_CHECK_EQUAL(decode("0"), "0 / - null");
  CAF_CHECK_EQUAL(decode("0/admin,{\"a\":1}"), "0 /admin - {\"a\":1}");
  CAF_CHECK_EQUAL(decode("0/custom"), "0 /custom - null");
  CAF_CHECK_EQUAL(decode("2[\"x\",1.5]"), "2 / - [\"x\",1.5]");
  CAF_CHECK_EQUAL(decode("212[\"x\"]"), "2 / 12 [\"x\"]");
  CAF_CHECK_EQUAL(decode("3/n,7[]"), "3 /n 7 []");
}

CAF_TEST(what is malformed is an error that says so) {
  CAF_CHECK_EQUAL(decode(""), "error empty packet");
  CAF_CHECK_EQUAL(decode("9"), "error unknown packet type");
  CAF_CHECK_EQUAL(decode("2{}"), "error invalid payload");
  CAF_CHECK_EQUAL(decode("2[]"), "error invalid payload");
  CAF_CHECK_EQUAL(decode("2[\"a\"]x"), "error invalid payload");
  CAF_CHECK_EQUAL(decode("2[\"connect\"]"), "error reserved event name");
  CAF_CHECK_EQUAL(decode("1{}"), "error invalid payload");
  CAF_CHECK_EQUAL(decode("50-[\"a\"]"), "error invalid number of attachments");
  CAF_CHECK_EQUAL(decode("511-[\"a\"]"),
                  "error too many attachments of a packet");
  CAF_CHECK_EQUAL(decode("51-[\"a\"]"), "error invalid attachment placeholder");
}

CAF_TEST(every cut of an event but the whole is an error) {
  const std::string_view whole = "2[\"message\",{\"text\":\"hi\"}]";
  for (std::size_t size = 2; size < whole.size(); ++size)
    CAF_CHECK_EQUAL(decode(whole.substr(0, size)), "error invalid payload");
  CAF_CHECK(decode(whole).substr(0, 5) != "error");
}

CAF_TEST(attachments complete their packet in order) {
  decoder under_test{usual};
  auto head = under_test.decode_text(
    "52-[\"x\",{\"_placeholder\":true,\"num\":1},"
    "{\"_placeholder\":true,\"num\":0}]");
  CAF_REQUIRE(head.has_value());
  CAF_CHECK(!head->has_value());
  auto first = under_test.decode_binary("a");
  CAF_REQUIRE(first.has_value());
  CAF_CHECK(!first->has_value());
  auto second = under_test.decode_binary("b");
  CAF_REQUIRE(second.has_value());
  CAF_REQUIRE(second->has_value());
  CAF_CHECK((*second)->attachments == std::vector<std::string>({"a", "b"}));
  CAF_CHECK((*second)->type == packet_type::event);
  CAF_CHECK(under_test.decode_binary("c").error() == errc::unexpected_binary);
}

CAF_TEST(text where an attachment is due is an error) {
  decoder under_test{usual};
  auto head
    = under_test.decode_text("51-[\"x\",{\"_placeholder\":true,\"num\":0}]");
  CAF_REQUIRE(head.has_value());
  CAF_CHECK(under_test.decode_text("2[\"y\"]").error()
            == errc::unexpected_text);
}

CAF_TEST(a count of attachments is a number from 1 to 10 and a dash) {
  for (std::string_view in :
       {"5[\"a\"]", "5-[\"a\"]", "5", "51", "51[\"a\"]", "5x-[\"a\"]",
        "5-1-[\"a\"]", "6[]", "60-[]", "5999999999999999999999-[\"a\"]"})
    CAF_CHECK_EQUAL(decode(in), "error invalid number of attachments");
}

CAF_TEST(each attachment is used exactly once) {
  auto place = [](std::string_view num) {
    return R"({"_placeholder":true,"num":)" + std::string{num} + "}";
  };
  CAF_CHECK_EQUAL(decode("51-[\"a\"," + place("0") + "]"), "incomplete");
  CAF_CHECK_EQUAL(
    decode("52-[\"a\",[" + place("1") + "],{\"b\":" + place("0") + "}]"),
    "incomplete");
  for (auto& arguments :
       {place("1"), place("-1"), place("\"0\""), place("0.0"), place("null"),
        place("0") + "," + place("0"), std::string{R"({"_placeholder":true})"},
        std::string{R"({"_placeholder":1,"num":0})"}})
    CAF_CHECK_EQUAL(decode("51-[\"a\"," + arguments + "]"),
                    "error invalid attachment placeholder");
}

CAF_TEST(attachments together are limited in bytes) {
  const packet_limits four_bytes{.attachment_bytes = 4};
  decoder under_test{four_bytes};
  const std::string_view head
    = R"(52-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])";
  CAF_CHECK(under_test.decode_text(head).has_value());
  CAF_CHECK(under_test.decode_binary("abc").has_value());
  CAF_CHECK(under_test.decode_binary("de").error() == errc::large_attachments);
}

CAF_TEST(names and arguments and values are limited) {
  auto event = [](std::size_t name, std::size_t arguments) {
    auto out = "2[\"" + std::string(name, 'x') + "\"";
    for (std::size_t i = 0; i < arguments; ++i)
      out += ",0";
    return out + "]";
  };
  auto is_good = [](const std::string& in) {
    return decode(in).substr(0, 5) != "error";
  };
  CAF_CHECK(is_good(event(128, 0)));
  CAF_CHECK_EQUAL(decode(event(129, 0)), "error event name too long");
  CAF_CHECK(is_good(event(1, 16)));
  CAF_CHECK_EQUAL(decode(event(1, 17)), "error too many arguments of an event");
  // In the event's array: its name, and as many arrays of one number as fit.
  auto values = [](std::size_t arrays) {
    std::string out = "2[\"x\",[";
    for (std::size_t i = 0; i < arrays; ++i)
      out += i == 0 ? "[0]" : ",[0]";
    return out + "]]";
  };
  CAF_CHECK(is_good(values(49'998))); // 2 * 49998 + 3
  CAF_CHECK_EQUAL(decode(values(49'999)), "error too many values in a packet");
}

// An object of Boost.JSON finds its members by FNV-1a: who makes names that
// collide must not make it the square of their number, CONNECT included.
CAF_TEST(members of an object are limited in every packet and parser) {
  auto object = [](std::size_t members) {
    json::object result;
    for (std::size_t i = 0; i < members; ++i)
      result.emplace("member" + std::to_string(i), 0);
    return result;
  };
  const std::string too_many = "error too many members of an object";
  for (std::string head : {"0", "2[\"x\",", "30["}) {
    std::string tail = head.back() == '0' ? "" : "]";
    auto text = [&](std::size_t members) {
      return head + json::serialize(object(members)) + tail;
    };
    CAF_CHECK_NOT_EQUAL(decode(text(1000)).substr(0, 5), "error");
    CAF_CHECK_EQUAL(decode(text(1001)), too_many);
  }
  auto packed = [&](std::size_t members) {
    return unpack({{"type", 0}, {"nsp", "/"}, {"data", object(members)}});
  };
  CAF_CHECK_NOT_EQUAL(packed(1000).substr(0, 5), "error");
  CAF_CHECK_EQUAL(packed(1001), too_many);
}

CAF_TEST(nesting is limited) {
  auto nested = [](std::size_t depth) { // the event's array included
    return "2[\"x\"," + std::string(depth - 1, '[')
           + std::string(depth - 1, ']') + "]";
  };
  CAF_CHECK(decode(nested(64)).substr(0, 5) != "error");
  CAF_CHECK_EQUAL(decode(nested(65)), "error values nested too deeply");
}

CAF_TEST(an id that javascript cannot hold is as good as none) {
  CAF_CHECK_EQUAL(decode("29007199254740991[\"x\"]"),
                  "2 / 9007199254740991 [\"x\"]");
  CAF_CHECK_EQUAL(decode("29007199254740992[\"x\"]"), "2 / - [\"x\"]");
  CAF_CHECK_EQUAL(decode("2123456789012345678901234[\"x\"]"), "2 / - [\"x\"]");
}

CAF_TEST(payloads are of the kind that their packet asks for) {
  for (std::string_view in :
       {"0[]", "0\"x\"", "0null", "1[]", "1null", "2{}", "2null", "2[null]",
        "2[[]]", "2[{}]", "2[true]", "3", "3{}", "31", "3null", "21"})
    CAF_CHECK_EQUAL(decode(in).substr(0, 5), in == "21" ? "2 / 1" : "error");
  CAF_CHECK_EQUAL(decode("2"), "2 / - null");
  CAF_CHECK_EQUAL(decode("2[5,1]"), "2 / - [5,1]");
  CAF_CHECK_EQUAL(decode("4{\"message\":\"x\"}"), "error unknown packet type");
}

CAF_TEST(events that clients emit to themselves are refused) {
  for (std::string name : {"connect", "connect_error", "disconnect",
                           "disconnecting", "newListener", "removeListener"})
    CAF_CHECK_EQUAL(decode("2[\"" + name + "\"]"), "error reserved event name");
  CAF_CHECK_EQUAL(decode("2[\"Connect\"]"), "2 / - [\"Connect\"]");
}

CAF_TEST(a decoder goes on behind a complete packet) {
  decoder under_test{usual};
  for (int i = 0; i < 2; ++i) {
    auto head
      = under_test.decode_text(R"(61-1[{"_placeholder":true,"num":0}])");
    CAF_REQUIRE(head.has_value());
    CAF_CHECK(!head->has_value());
    auto whole = under_test.decode_binary("x");
    CAF_REQUIRE(whole.has_value());
    CAF_REQUIRE(whole->has_value());
    CAF_CHECK((*whole)->type == packet_type::ack);
    CAF_CHECK_EQUAL((*whole)->attachments.size(), 1u);
  }
}

// -- MessagePack
// ---------------------------------------------------------------

CAF_TEST(packets of npm in messagepack decode) {
  const json::object options{{"compress", true}};
  CAF_CHECK_EQUAL(unpack({{"type", 0}, {"nsp", "/"}}), "0 / - null");
  CAF_CHECK_EQUAL(
    unpack({{"type", 0}, {"data", {{"a", 1}}}, {"nsp", "/admin"}}),
    R"(0 /admin - {"a":1})");
  CAF_CHECK_EQUAL(unpack({{"type", 1}, {"nsp", "/x"}}), "1 /x - null");
  CAF_CHECK_EQUAL(unpack({{"type", 2},
                          {"data", {"x", 1.5}},
                          {"options", options},
                          {"id", 12},
                          {"nsp", "/"}}),
                  R"(2 / 12 ["x",1.5])");
  CAF_CHECK_EQUAL(unpack({{"type", 3},
                          {"data", json::array{}},
                          {"id", 7},
                          {"nsp", "/a,b"},
                          {"attachments", 0}}),
                  "3 /a,b 7 []");
}

CAF_TEST(what is malformed in messagepack is an error that says so) {
  auto event = [](json::value type, json::value nsp, json::value data) {
    return unpack({{"type", type}, {"data", data}, {"nsp", nsp}});
  };
  CAF_CHECK_EQUAL(unpack_bytes(""), "error invalid payload");
  CAF_CHECK_EQUAL(unpack_bytes("\x90"), "error invalid payload");
  CAF_CHECK_EQUAL(unpack_bytes("\x80"), "error unknown packet type");
  for (json::value type : std::initializer_list<json::value>{
         -1, 4, 5, 6, "2", 2.5, nullptr, true, 1e300})
    CAF_CHECK_EQUAL(event(type, "/", json::array{"x"}),
                    "error unknown packet type");
  CAF_CHECK_EQUAL(event(2.0, "/", json::array{"x"}), R"(2 / - ["x"])");
  for (json::value nsp :
       std::initializer_list<json::value>{"", "x", 1, nullptr})
    CAF_CHECK_EQUAL(event(2, nsp, json::array{"x"}), "error invalid namespace");
  for (json::value data : std::initializer_list<json::value>{
         "x", nullptr, 1, json::object{}, json::array{}, json::array{nullptr}})
    CAF_CHECK_EQUAL(event(2, "/", data), "error invalid payload");
  CAF_CHECK_EQUAL(unpack({{"type", 2}, {"nsp", "/"}}), "error invalid payload");
  CAF_CHECK_EQUAL(event(2, "/", json::array{"connect"}),
                  "error reserved event name");
  CAF_CHECK_EQUAL(event(0, "/", nullptr), "error invalid payload");
  CAF_CHECK_EQUAL(event(0, "/", json::array{}), "error invalid payload");
  CAF_CHECK_EQUAL(event(1, "/", json::object{}), "error invalid payload");
  CAF_CHECK_EQUAL(event(3, "/", json::object{}), "error invalid payload");
}

CAF_TEST(an id in messagepack is a whole number) {
  auto with_id = [](json::value id) {
    return unpack(
      {{"type", 2}, {"data", json::array{"x"}}, {"nsp", "/"}, {"id", id}});
  };
  CAF_CHECK_EQUAL(with_id(9007199254740991), R"(2 / 9007199254740991 ["x"])");
  CAF_CHECK_EQUAL(with_id(3.0), R"(2 / 3 ["x"])");
  for (json::value none : std::initializer_list<json::value>{
         9007199254740992, -1, 1e300, std::uint64_t{1} << 63})
    CAF_CHECK_EQUAL(with_id(none), R"(2 / - ["x"])");
  for (json::value wrong :
       std::initializer_list<json::value>{"1", 1.5, nullptr, json::array{}})
    CAF_CHECK_EQUAL(with_id(wrong), "error invalid ack id");
}

CAF_TEST(binary in messagepack comes as attachments) {
  const json::object stand_in{{"_placeholder", true}, {"num", 0}};
  auto event = [&](int type, json::value data,
                   std::vector<std::string> attachments) {
    return unpack({{"type", type}, {"data", data}, {"nsp", "/"}}, attachments);
  };
  CAF_CHECK_EQUAL(event(2, {"x", stand_in}, {"b"}),
                  R"(2 / - ["x",{"_placeholder":true,"num":0}]+b)");
  CAF_CHECK_EQUAL(event(3, json::array{stand_in}, {"b"}),
                  R"(3 / - [{"_placeholder":true,"num":0}]+b)");
  // A name, or credentials, cannot be binary.
  CAF_CHECK_EQUAL(event(2, {stand_in, 1}, {"b"}), "error invalid payload");
  CAF_CHECK_EQUAL(event(0, json::object{{"a", stand_in}}, {"b"}),
                  "error invalid number of attachments");
}

CAF_TEST(what imitates a placeholder beside binary is an error) {
  const json::object stand_in{{"_placeholder", true}, {"num", 0}};
  auto event = [&](json::value imitation, bool binary) {
    json::array data{"x", std::move(imitation)};
    if (binary) // `num` 7 so that the writer takes no other for this one
      data.push_back(json::object{{"_placeholder", true}, {"num", 7}});
    return unpack({{"type", 2}, {"data", data}, {"nsp", "/"}},
                  std::vector<std::string>(binary ? 8 : 0, "b"));
  };
  const std::string refused = "error invalid attachment placeholder";
  for (json::value num :
       std::initializer_list<json::value>{8, -1, "0", nullptr, 9.5}) {
    json::object imitation{{"_placeholder", true}, {"num", num}};
    CAF_CHECK_EQUAL(event(imitation, true), refused);
    CAF_CHECK(event(imitation, false).starts_with("2 / - [\"x\""));
  }
  CAF_CHECK_EQUAL(event(json::object{{"_placeholder", true}}, true), refused);
  CAF_CHECK_EQUAL(event(stand_in, false),
                  R"(2 / - ["x",{"_placeholder":true,"num":0}])");
  // The same beside bytes, which our writer cannot make.
  std::string bytes;
  append_msgpack(bytes, json::object{{"type", 2}, {"nsp", "/"}});
  bytes[0] = '\x83';
  bytes += "\xA4"
           "data\x93\xA1x";
  append_msgpack(bytes, stand_in);
  bytes += "\xC4\x01"
           "b";
  CAF_CHECK_EQUAL(unpack_bytes(bytes), refused);
}

CAF_TEST(packets in messagepack have the limits of those in json) {
  auto event = [](json::value data) {
    return unpack({{"type", 2}, {"data", data}, {"nsp", "/"}});
  };
  auto is_good = [](const std::string& out) { return out.starts_with("2"); };
  CAF_CHECK(is_good(event(json::array{std::string(128, 'x')})));
  CAF_CHECK_EQUAL(event(json::array{std::string(129, 'x')}),
                  "error event name too long");
  CAF_CHECK(is_good(event(json::array(17, "x"))));
  CAF_CHECK_EQUAL(event(json::array(18, "x")),
                  "error too many arguments of an event");
  auto nested = [](int depth) { // the event's array included
    json::value inner = json::array{};
    for (int i = 2; i < depth; ++i)
      inner = json::array{std::move(inner)};
    return json::array{"x", std::move(inner)};
  };
  CAF_CHECK(is_good(event(nested(64))));
  CAF_CHECK_EQUAL(event(nested(65)), "error values nested too deeply");
  auto values = [](std::size_t count) { // that and the list, name and array
    return json::array{"x", json::array(count, 0)};
  };
  CAF_CHECK(is_good(event(values(99'997))));
  CAF_CHECK_EQUAL(event(values(99'998)), "error too many values in a packet");
}

CAF_TEST(every cut of a packet in messagepack but the whole is an error) {
  std::string whole;
  append_msgpack(whole, json::object{{"type", 2},
                                     {"data", {"x", {{"text", "hi"}}}},
                                     {"nsp", "/"},
                                     {"id", 1}});
  for (std::size_t size = 0; size < whole.size(); ++size)
    CAF_CHECK_EQUAL(unpack_bytes(whole.substr(0, size)),
                    "error invalid payload");
  CAF_CHECK_EQUAL(unpack_bytes(whole), R"(2 / 1 ["x",{"text":"hi"}])");
}

CAF_TEST(text is no messagepack) {
  decoder under_test{usual, parser::msgpack};
  CAF_CHECK(under_test.decode_text("0").error() == errc::unexpected_text);
}
