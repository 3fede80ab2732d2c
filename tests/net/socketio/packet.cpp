#include "net/socketio/packet.hpp"

#include "net/socketio/json.hpp"

#define CAF_SUITE net.socketio.packet
#include "tests/test.hpp"

using namespace observer::socketio;

namespace {

/// What one text message decodes to; attachments are not given.
std::string decode(std::string_view in) {
  decoder under_test{packet_limits{}};
  auto result = under_test.decode_text(in);
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
  return out;
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
  CAF_CHECK_EQUAL(decode("511-[\"a\"]"), "error invalid number of attachments");
  CAF_CHECK_EQUAL(decode("51-[\"a\"]"), "error invalid attachment placeholder");
}

CAF_TEST(every cut of an event but the whole is an error) {
  const std::string_view whole = "2[\"message\",{\"text\":\"hi\"}]";
  for (std::size_t size = 2; size < whole.size(); ++size)
    CAF_CHECK_EQUAL(decode(whole.substr(0, size)), "error invalid payload");
  CAF_CHECK(decode(whole).substr(0, 5) != "error");
}

CAF_TEST(attachments complete their packet in order) {
  decoder under_test{packet_limits{}};
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
  decoder under_test{packet_limits{}};
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
  decoder under_test{packet_limits{.attachment_bytes = 4}};
  const std::string_view head
    = R"(52-["x",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])";
  CAF_CHECK(under_test.decode_text(head).has_value());
  CAF_CHECK(under_test.decode_binary("abc").has_value());
  CAF_CHECK(under_test.decode_binary("de").error() == errc::too_much_data);
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
  const std::string too_much = "error packet over the limits";
  CAF_CHECK(is_good(event(128, 0)));
  CAF_CHECK_EQUAL(decode(event(129, 0)), too_much);
  CAF_CHECK(is_good(event(1, 16)));
  CAF_CHECK_EQUAL(decode(event(1, 17)), too_much);
  // In the event's array: its name, and as many arrays of one number as fit.
  auto values = [](std::size_t arrays) {
    std::string out = "2[\"x\",[";
    for (std::size_t i = 0; i < arrays; ++i)
      out += i == 0 ? "[0]" : ",[0]";
    return out + "]]";
  };
  CAF_CHECK(is_good(values(49'998))); // 2 * 49998 + 3
  CAF_CHECK_EQUAL(decode(values(49'999)), too_much);
}

CAF_TEST(nesting is limited) {
  auto nested = [](std::size_t depth) { // the event's array included
    return "2[\"x\"," + std::string(depth - 1, '[')
           + std::string(depth - 1, ']') + "]";
  };
  CAF_CHECK(decode(nested(64)).substr(0, 5) != "error");
  CAF_CHECK_EQUAL(decode(nested(65)), "error invalid payload");
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
  decoder under_test{packet_limits{}};
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

CAF_TEST(packets of the server have the bytes of the protocol) {
  auto write = [](auto append, auto... arguments) {
    std::string out;
    append(out, arguments...);
    return out;
  };
  using type = packet_type;
  using text = std::string_view;
  auto head = [](type kind, text nsp, std::size_t attachments = 0,
                 std::optional<std::uint64_t> id = {}) {
    std::string out;
    append_head(out, kind, nsp, attachments, id);
    return out;
  };
  CAF_CHECK_EQUAL(write(append_connect, text{"/"}, text{"abc"}, text{}),
                  R"(0{"sid":"abc"})");
  CAF_CHECK_EQUAL(write(append_connect, text{"/x"}, text{"abc"}, text{}),
                  R"(0/x,{"sid":"abc"})");
  CAF_CHECK_EQUAL(write(append_connect, text{"/"}, text{"abc"}, text{"key"}),
                  R"(0{"sid":"abc","pid":"key"})");
  CAF_CHECK_EQUAL(write(append_connect_error, text{"/x"}, text{"\"no\""},
                        boost::json::value{}),
                  R"(4/x,{"message":"\"no\""})");
  CAF_CHECK_EQUAL(write(append_disconnect, text{"/"}), "1");
  CAF_CHECK_EQUAL(write(append_disconnect, text{"/x"}), "1/x,");
  CAF_CHECK_EQUAL(head(type::event, "/"), "2");
  CAF_CHECK_EQUAL(head(type::event, "/x", 0, 12), "2/x,12");
  CAF_CHECK_EQUAL(head(type::event, "/", 2), "52-");
  CAF_CHECK_EQUAL(head(type::ack, "/x", 1, 0), "61-/x,0");
}
