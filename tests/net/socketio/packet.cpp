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
