#include "net/gateway/encoding.hpp"

#include "net/socketio/json.hpp"

#define CAF_SUITE net.gateway.encoding
#include "tests/test.hpp"

using namespace observer;
using namespace observer::gateway;
using namespace std::chrono_literals;

namespace {

constexpr timestamp noon
  = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 12h + 5ms;
const std::string noon_text = R"("2026-01-31T12:00:00.005Z")";

const user ada{user_id{100}, "Ada", role::host, presence::online, noon};
const std::string ada_text
  = R"({"id":100,"name":"Ada","role":"host","status":"online","joined_at":)"
    + noon_text + "}";

const user bob{user_id{101}, "B\"ob", role::observer, presence::offline, noon};
const std::string bob_text
  = R"({"id":101,"name":"B\"ob","role":"observer","status":"offline",)"
    R"("joined_at":)"
    + noon_text + "}";

const wire_encoder encoder;
constexpr auto json = socketio::parser::json;
constexpr auto msgpack = socketio::parser::msgpack;

/// The packets as a polling payload, `|` between them.
std::string show(const engineio::outgoing_ptr& packets) {
  std::string result;
  packets->append_to_payload(result);
  for (auto& c : result)
    if (c == engineio::payload_separator)
      c = '|';
  return result;
}

std::string encode(const client_event::any& event) {
  auto frame = encoder.encode(event, {});
  const auto* wire = dynamic_cast<const wire_event*>(frame.get());
  CAF_REQUIRE(wire != nullptr);
  return show(wire->packets());
}

payload_ptr make_payload(std::string json,
                         std::vector<std::string> attachments = {}) {
  return std::make_shared<payload>(
    payload{std::move(json), std::move(attachments)});
}

message make_message(payload_ptr data = nullptr) {
  return {room_id{1000}, 7, {user_id{100}, "Ada"}, "h\ni", std::move(data), {},
          noon};
}

/// A message in a page or an event, up to its data.
const std::string message_text
  = R"({"id":"1000-7","room_id":1000,"seq":7,"from":{"id":100,"name":"Ada"},)"
    R"("text":"h\ni")";
const std::string message_end = R"(,"sent_at":)" + noon_text + "}";

const std::string placeholder = R"({"_placeholder":true,"num":0})";

} // namespace

// -- events -------------------------------------------------------------------

CAF_TEST(room_data shows the room as it is) {
  room_data room;
  room.id = room_id{1000};
  room.name = "Lobby";
  room.host = ada;
  room.participants = {ada, bob};
  room.locked = true;
  room.has_password = false;
  room.capacity = 50;
  room.created_at = noon;
  room.last_seq = 9;
  CAF_CHECK_EQUAL(
    encode(client_event::room_data{std::make_shared<room_data>(room)}),
    R"(42["room_data",{"room_id":1000,"name":"Lobby","host":)" + ada_text
      + R"(,"participants":[)" + ada_text + "," + bob_text
      + R"(],"locked":true,"has_password":false,"capacity":50,"created_at":)"
      + noon_text + R"(,"last_seq":9}])");
}

CAF_TEST(events about users show the user) {
  constexpr room_id room{1000};
  CAF_CHECK_EQUAL(encode(client_event::user_joined{room, ada}),
                  R"(42["user_joined",{"room_id":1000,"user":)" + ada_text
                    + "}]");
  CAF_CHECK_EQUAL(encode(client_event::user_status{room, bob}),
                  R"(42["user_status",{"room_id":1000,"user":)" + bob_text
                    + "}]");
  CAF_CHECK_EQUAL(encode(client_event::user_updated{room, bob, true}),
                  R"(42["user_updated",{"room_id":1000,"user":)" + bob_text
                    + R"(,"muted":true}])");
  CAF_CHECK_EQUAL(encode(client_event::host_changed{room, ada}),
                  R"(42["host_changed",{"room_id":1000,"host":)" + ada_text
                    + "}]");
}

CAF_TEST(a user who is muted shows it) {
  auto muted = ada;
  muted.muted = true;
  auto text = std::string{ada_text};
  text.insert(text.size() - 1, R"(,"muted":true)");
  CAF_CHECK_EQUAL(encode(client_event::user_joined{room_id{1000}, muted}),
                  R"(42["user_joined",{"room_id":1000,"user":)" + text + "}]");
}

CAF_TEST(user_left says why) {
  auto left = [](leave_reason reason) {
    auto text = encode(client_event::user_left{room_id{1000}, ada, reason});
    auto head = R"(42["user_left",{"room_id":1000,"user":)" + ada_text;
    CAF_CHECK_EQUAL(text.substr(0, head.size()), head);
    return text.substr(head.size());
  };
  CAF_CHECK_EQUAL(left(leave_reason::left), R"(,"reason":"left"}])");
  CAF_CHECK_EQUAL(left(leave_reason::kicked), R"(,"reason":"kicked"}])");
  CAF_CHECK_EQUAL(left(leave_reason::timeout), R"(,"reason":"timeout"}])");
}

CAF_TEST(kicked and room_closed say why) {
  CAF_CHECK_EQUAL(encode(client_event::kicked{room_id{1000}, "\"rude\""}),
                  R"(42["kicked",{"room_id":1000,"reason":"\"rude\""}])");
  auto closed = [](close_reason reason) {
    return encode(client_event::room_closed{room_id{1000}, reason});
  };
  CAF_CHECK_EQUAL(closed(close_reason::closed),
                  R"(42["room_closed",{"room_id":1000,"reason":"closed"}])");
  CAF_CHECK_EQUAL(closed(close_reason::empty),
                  R"(42["room_closed",{"room_id":1000,"reason":"empty"}])");
  CAF_CHECK_EQUAL(closed(close_reason::failed),
                  R"(42["room_closed",{"room_id":1000,"reason":"failed"}])");
}

CAF_TEST(a message shows what it has and leaves out what it has not ) {
  auto content = make_message();
  auto encode_content = [&] {
    return encode(client_event::message{std::make_shared<message>(content)});
  };
  CAF_CHECK_EQUAL(encode_content(),
                  R"(42["message",)" + message_text + message_end + "]");
  content.to = user_id{101};
  CAF_CHECK_EQUAL(encode_content(), R"(42["message",)" + message_text
                                      + R"(,"to":101)" + message_end + "]");
  content.data = make_payload("null");
  CAF_CHECK_EQUAL(encode_content(), R"(42["message",)" + message_text
                                      + R"(,"data":null,"to":101)" + message_end
                                      + "]");
}

CAF_TEST(binary data follows as attachments) {
  auto content = make_message(make_payload(placeholder, {"\x01\x02"}));
  CAF_CHECK_EQUAL(
    encode(client_event::message{std::make_shared<message>(content)}),
    R"(451-["message",)" + message_text + R"(,"data":)" + placeholder
      + message_end + "]|bAQI=");
}

CAF_TEST(an activity shows who and what and when) {
  client_event::activity event{
    room_id{1000}, {user_id{100}, "Ada"}, "typing", nullptr, noon};
  const std::string head = R"(42["activity",{"room_id":1000,"from":{"id":100,)"
                           R"("name":"Ada"},"kind":"typing")";
  CAF_CHECK_EQUAL(encode(event), head + R"(,"at":)" + noon_text + "}]");
  event.data = make_payload("[1]");
  CAF_CHECK_EQUAL(encode(event),
                  head + R"(,"data":[1],"at":)" + noon_text + "}]");
}

// -- acks and errors ----------------------------------------------------------

CAF_TEST(a success is ok and a failure says why) {
  CAF_CHECK_EQUAL(show(encode_ack(json, 0, success{})), R"(430[{"ok":true}])");
  CAF_CHECK_EQUAL(
    show(encode_ack(json, 12, failure{errc::room_full, "no \"seat\""})),
    R"(4312[{"ok":false,"error":{"code":"room_full",)"
    R"("message":"no \"seat\""}}])");
}

CAF_TEST(every code has its name of the protocol) {
  const std::vector<std::string> names{
    "bad_request",    "room_not_found", "not_in_room",  "already_in_room",
    "name_taken",     "room_full",      "room_locked",  "forbidden",
    "wrong_password", "bad_token",      "rate_limited", "user_not_found",
    "too_large",      "unavailable",    "unknown_event"};
  for (std::size_t i = 0; i < names.size(); ++i)
    CAF_CHECK_EQUAL(show(encode_error(json, "x", {static_cast<errc>(i), "y"})),
                    R"(42["error",{"event":"x","code":")" + names[i]
                      + R"(","message":"y"}])");
}

CAF_TEST(who enters hears room and user and token) {
  CAF_CHECK_EQUAL(
    show(encode_ack(json, 1,
                    entered{room_id{1000}, user_id{100}, "t", std::nullopt})),
    R"(431[{"ok":true,"room_id":1000,"user_id":100,)"
    R"("token":"t"}])");
}

CAF_TEST(who enters again hears no token but the messages asked for) {
  message_page page{{std::make_shared<message>(make_message())}, true};
  CAF_CHECK_EQUAL(
    show(encode_ack(json, 1, entered{room_id{1000}, user_id{100}, "", page})),
    R"(431[{"ok":true,"room_id":1000,"user_id":100,"messages":[)" + message_text
      + message_end + R"(],"more":true}])");
}

CAF_TEST(who posts hears where it stands) {
  CAF_CHECK_EQUAL(show(encode_ack(json, 1, posted{room_id{1000}, 7, noon})),
                  R"(431[{"ok":true,"id":"1000-7","seq":7,"sent_at":)"
                    + noon_text + "}]");
}

CAF_TEST(an empty page says so) {
  CAF_CHECK_EQUAL(show(encode_ack(json, 1, message_page{})),
                  R"(431[{"ok":true,"messages":[],"more":false}])");
}

CAF_TEST(attachments of several messages are numbered through) {
  auto two = R"([{"_placeholder":true,"num":0},{"a":{"_placeholder":true,)"
             R"("num":1}}])";
  message_page page{
    {std::make_shared<message>(make_message(make_payload(two, {"a", "b"}))),
     std::make_shared<message>(make_message(make_payload("1.5"))),
     std::make_shared<message>(make_message(make_payload(two, {"c", "d"})))},
    false};
  CAF_CHECK_EQUAL(
    show(encode_ack(json, 5, page)),
    R"(464-5[{"ok":true,"messages":[)" + message_text + R"(,"data":)" + two
      + message_end + "," + message_text + R"(,"data":1.5)" + message_end + ","
      + message_text
      + R"(,"data":[{"_placeholder":true,"num":2},{"a":{"_placeholder":true,)"
        R"("num":3}}])"
      + message_end + R"(],"more":false}]|bYQ==|bYg==|bYw==|bZA==)");
}

// -- MessagePack
// ---------------------------------------------------------------

namespace {

/// The packet of a client event, or an answer, as its receivers decode it.
socketio::packet decode(const engineio::outgoing_ptr& packets) {
  std::string_view frames = packets->websocket();
  const socketio::packet_limits limits;
  socketio::decoder text{limits};
  socketio::decoder binary{limits, socketio::parser::msgpack};
  std::optional<socketio::packet> result;
  while (!frames.empty()) {
    auto size = static_cast<std::size_t>(frames[1]);
    std::size_t begin = 2;
    if (size == 126) {
      size = static_cast<unsigned char>(frames[2]) * 256u
             + static_cast<unsigned char>(frames[3]);
      begin = 4;
    }
    auto data = frames.substr(begin, size);
    if (frames[0] == '\x81')
      result = text.decode_text(data.substr(1)).value();
    else if (packets->packets() == 1)
      result = binary.decode_binary(data).value();
    else
      result = text.decode_binary(data).value();
    frames.remove_prefix(begin + size);
  }
  CAF_REQUIRE(result.has_value());
  return std::move(*result);
}

void check_same(const engineio::outgoing_ptr& one,
                const engineio::outgoing_ptr& other) {
  auto left = decode(one);
  auto right = decode(other);
  CAF_CHECK(left.type == right.type);
  CAF_CHECK_EQUAL(left.nsp, right.nsp);
  CAF_CHECK(left.id == right.id);
  CAF_CHECK(left.attachments == right.attachments);
  CAF_CHECK(left.data == right.data);
}

void check_same(const client_event::any& event) {
  event_id id{room_id{1000}, 7, 0xBEEF, 12};
  for (auto& which : {event_id{}, id}) {
    auto frame = encoder.encode(event, which);
    auto& wire = dynamic_cast<const wire_event&>(*frame);
    CAF_CHECK_EQUAL(wire.packets(msgpack)->packets(), 1u);
    CAF_CHECK(wire.packets(msgpack) == wire.packets(msgpack));
    check_same(wire.packets(json), wire.packets(msgpack));
  }
}

} // namespace

CAF_TEST(clients of both parsers hear the same) {
  constexpr room_id room{1000};
  auto data = make_payload(R"({"z":[1.5,null,)" + placeholder
                             + R"(,{"_placeholder":true,"num":1}],"a":"é"})",
                           {"\x01\x02", std::string(300, 'x')});
  room_data everyone;
  everyone.host = ada;
  everyone.participants = {ada, bob};
  auto content = std::make_shared<message>(make_message(data));
  check_same(
    client_event::room_data{std::make_shared<room_data>(std::move(everyone))});
  check_same(client_event::user_joined{room, bob});
  check_same(client_event::user_left{room, bob, leave_reason::kicked});
  check_same(client_event::user_status{room, bob});
  check_same(client_event::user_updated{room, bob, true});
  check_same(client_event::host_changed{room, ada});
  check_same(client_event::message{content});
  check_same(
    client_event::activity{room, {user_id{100}, "Ada"}, "x", data, noon});
  check_same(client_event::kicked{room, "rude"});
  check_same(client_event::room_closed{room, close_reason::empty});
}

CAF_TEST(answers are the same by both parsers) {
  auto data = make_payload("[" + placeholder + "]", {"a"});
  message_page page{
    {std::make_shared<message>(make_message(data)),
     std::make_shared<message>(make_message(make_payload("\"\\ud83d\""))),
     std::make_shared<message>(make_message(data))},
    true};
  auto check = [](const reply& result) {
    // U+FFFD stands for what MessagePack cannot carry.
    auto packets = encode_ack(json, 7, result);
    auto there = decode(encode_ack(msgpack, 7, result));
    auto here = decode(packets);
    std::string text;
    socketio::append_json(text, here.data);
    for (auto at = text.find("\\ud83d"); at != text.npos;
         at = text.find("\\ud83d"))
      text.replace(at, 6, "\uFFFD");
    CAF_CHECK(there.data == socketio::parse_json(text, {}).value());
    CAF_CHECK(there.id == here.id);
    CAF_CHECK(there.attachments == here.attachments);
  };
  check(success{});
  check(failure{errc::room_full, "no \"seat\""});
  check(posted{room_id{1000}, 7, noon});
  check(page);
  check(entered{room_id{1000}, user_id{100}, "t", page});
  check_same(encode_error(json, "x", {errc::too_large, "y"}),
             encode_error(msgpack, "x", {errc::too_large, "y"}));
}

// -- offsets ------------------------------------------------------------------

namespace {

const event_id seventh{room_id{1000}, 7, 0xbeef, 42};

bool same(const heard_so_far& a, const heard_so_far& b) {
  return a.last == b.last && a.others == b.others;
}

} // namespace

CAF_TEST(an event that can be recovered has its offset behind its payload) {
  auto frame = encoder.encode(client_event::kicked{room_id{1000}, "out"},
                              seventh);
  CAF_CHECK_EQUAL(show(static_cast<const wire_event&>(*frame).packets()),
                  R"(42["kicked",{"room_id":1000,"reason":"out"},)"
                  R"("1000.7.beef.42"])");
}

CAF_TEST(a copy for a client in several rooms says how far it has heard them) {
  auto shared
    = encoder.encode(client_event::message{std::make_shared<message>(
                       make_message(make_payload(placeholder, {"bytes"})))},
                     seventh);
  auto before = show(static_cast<const wire_event&>(*shared).packets());
  auto copy = encoder.with_positions(shared,
                                     {{room_id{1001}, 3}, {room_id{1002}, 12}});
  auto text = before;
  text.replace(text.find(".42\""), 4, ".42,1001.3,1002.12\"");
  CAF_CHECK_EQUAL(show(static_cast<const wire_event&>(*copy).packets()), text);
  CAF_CHECK_EQUAL(show(static_cast<const wire_event&>(*shared).packets()),
                  before);
  CAF_CHECK(copy->id() == seventh);
  CAF_MESSAGE("by MessagePack as well");
  check_same(client_event::kicked{room_id{1000}, "out"});
  auto event = encoder.encode(client_event::kicked{room_id{1000}, "out"},
                              seventh);
  event = encoder.with_positions(event, {{room_id{1001}, 3}});
  auto decoded
    = decode(static_cast<const wire_event&>(*event).packets(msgpack));
  CAF_CHECK_EQUAL(decoded.data.as_array().back().as_string(),
                  "1000.7.beef.42,1001.3");
}

CAF_TEST(an offset is read as it was written) {
  for (const heard_so_far& x :
       {heard_so_far{seventh, {}},
        heard_so_far{seventh, {{room_id{1001}, 3}, {room_id{1002}, 12}}}})
    CAF_CHECK(same(parse_offset(to_offset(x)).value(), x));
}

CAF_TEST(an offset that was never given is none) {
  for (const auto* text :
       {"", "x", "1000", "1000.7", "1000.7.beef", "1000.7.beef.", "1000.7.x.42",
        "1000.7.beef.42,", "1000.7.beef.42,1001", "1000.7.beef.42,1001.",
        "1000.7.beef.42,1001.3,", "1000.7.beef.42x", "1000.7.beef.42,1001.3x",
        " 1000.7.beef.42", "99999999999999999999.7.beef.42", "1000.-7.beef.42",
        "1000.7.beef.0"})
    CAF_CHECK(!parse_offset(text));
}
