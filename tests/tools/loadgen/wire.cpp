#include "tools/loadgen/wire.hpp"

#include "net/socketio/packet.hpp"
#include "tools/loadgen/padding.hpp"

#define CAF_SUITE tools.loadgen.wire
#include "tests/test.hpp"

using namespace observer::loadgen;

namespace {

const stamp sample{0x12, 0xabc, 0xdeadbeef, 0x123456789abcd};

std::string stamp_text(const stamp& x) {
  std::string result;
  append_stamp(result, x);
  return result;
}

/// As the server tells it to the members.
std::string told(const std::string& text) {
  return R"(2["message",{"id":"1000-7","room_id":1000,"seq":7,)"
         R"("from":{"id":100,"name":"m1"},"text":")"
         + text + R"(","sent_at":"2026-01-31T09:15:00.123Z"}])";
}

} // namespace

CAF_TEST(a stamp reads back as it was) {
  for (auto& x : {stamp{}, sample, stamp{0xFFFFFF, 0xFFFFFF, UINT32_MAX, 1}}) {
    auto text = stamp_text(x);
    CAF_CHECK_EQUAL(text.size(), stamp_size);
    CAF_CHECK(read_stamp(text) == x);
    CAF_CHECK(read_stamp(text + "more") == x);
  }
}

CAF_TEST(what is no stamp is not read as one) {
  auto text = stamp_text(sample);
  for (std::size_t i = 0; i < text.size(); ++i) {
    CAF_CHECK(!read_stamp(text.substr(0, i)));
    auto wrong = text;
    wrong[i] = 'g';
    CAF_CHECK(!read_stamp(wrong));
  }
}

CAF_TEST(padding fills a text up to its size) {
  CAF_CHECK_EQUAL(make_padding(stamp_size, 1), "");
  auto padding = make_padding(100, 1);
  CAF_CHECK_EQUAL(padding.size() + stamp_size, 100u);
  CAF_CHECK(padding.find(stamp_mark) == std::string::npos);
  CAF_CHECK_EQUAL(padding, make_padding(100, 1));
  CAF_CHECK(padding != make_padding(100, 2));
}

CAF_TEST(a message is found to say what json says) {
  auto packet = told(stamp_text(sample) + "padding");
  CAF_CHECK_EQUAL(event_name(packet), "message");
  auto heard = scan_message(packet);
  CAF_REQUIRE(heard);
  CAF_CHECK_EQUAL(heard->room_id, 1000);
  CAF_CHECK_EQUAL(heard->seq, 7u);
  CAF_CHECK(heard->stamp == sample);
  CAF_CHECK(confirms(packet, *heard));
  heard->room_id = 1001;
  CAF_CHECK(!confirms(packet, *heard));
}

CAF_TEST(a server need not number messages nor keep an order of fields) {
  auto packet = R"(2["message",{"text":")" + stamp_text(sample)
                + R"(","room_id":5}])";
  auto heard = scan_message(packet);
  CAF_REQUIRE(heard);
  CAF_CHECK_EQUAL(heard->room_id, 5);
  CAF_CHECK_EQUAL(heard->seq, 0u);
  CAF_CHECK(confirms(packet, *heard));
}

CAF_TEST(messages without a stamp or a room are not ours) {
  CAF_CHECK(!scan_message(told("hello")));
  CAF_CHECK(!scan_message(told("~hello")));
  CAF_CHECK(
    !scan_message(R"(2["message",{"text":")" + stamp_text(sample) + R"("}])"));
  // What only looks right is not confirmed.
  auto packet = told(stamp_text(sample));
  auto heard = scan_message(packet);
  CAF_REQUIRE(heard);
  packet.pop_back();
  CAF_CHECK(!confirms(packet, *heard));
}

CAF_TEST(event names are read) {
  CAF_CHECK_EQUAL(event_name(R"(2["a",1])"), "a");
  CAF_CHECK_EQUAL(event_name(R"(2["")"), "");
  CAF_CHECK_EQUAL(event_name(R"(2["a)"), "");
  CAF_CHECK_EQUAL(event_name("2"), "");
  CAF_CHECK_EQUAL(event_name(R"(3["a"])"), "");
}

CAF_TEST(acks tell their id and whether all is well) {
  auto ack = scan_ack(R"(3421[{"ok":true,"seq":1}])");
  CAF_REQUIRE(ack);
  CAF_CHECK_EQUAL(ack->id, 421u);
  CAF_CHECK(ack->ok);
  ack = scan_ack(R"(30[{"ok":false,"error":{"code":"x"}}])");
  CAF_REQUIRE(ack);
  CAF_CHECK_EQUAL(ack->id, 0u);
  CAF_CHECK(!ack->ok);
  CAF_CHECK(scan_ack("31[]")->ok);
  CAF_CHECK(!scan_ack("3[]"));
  CAF_CHECK(!scan_ack("31"));
  CAF_CHECK(!scan_ack("2[]"));
  CAF_CHECK(!scan_ack(""));
}

CAF_TEST(the object of an ack is decoded) {
  auto answer = decode_ack(R"(30[{"ok":true,"room_id":1000}])");
  CAF_CHECK_EQUAL(answer.at("room_id").as_int64(), 1000);
  CAF_CHECK(decode_ack("30[]").empty());
  CAF_CHECK(decode_ack("30[1]").empty());
  CAF_CHECK(decode_ack("30[").empty());
}

CAF_TEST(requests are what the servers decoder expects) {
  const observer::socketio::packet_limits limits;
  observer::socketio::decoder decoder{limits};
  std::string out;
  append_message(out, 1000, sample, "abc", 17);
  auto packet = decoder.decode_text(out);
  CAF_REQUIRE(packet && *packet);
  CAF_CHECK((*packet)->id == std::uint64_t{17});
  auto& event = (*packet)->data.as_array();
  CAF_CHECK_EQUAL(event.at(0).as_string(), "message");
  CAF_CHECK_EQUAL(event.at(1).at("room_id").as_int64(), 1000);
  CAF_CHECK_EQUAL(std::string{event.at(1).at("text").as_string()},
                  stamp_text(sample) + "abc");
  out.clear();
  append_event(out, "leave", "{}");
  CAF_CHECK_EQUAL(out, R"(2["leave",{}])");
}
