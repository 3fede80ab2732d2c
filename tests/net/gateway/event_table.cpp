#include "net/gateway/event_table.hpp"

#include "net/socketio/json.hpp"

#define CAF_SUITE net.gateway.event_table
#include "tests/test.hpp"

using namespace observer;
using namespace observer::gateway;

namespace {

std::string fault_of(const std::variant<client_request, failure>& x) {
  const auto* no = std::get_if<failure>(&x);
  return no != nullptr ? no->message : "";
}

/// A request that is a plain event must come to the same when read as one.
void check_plain(const event_row& row, std::string_view json,
                 const std::variant<client_request, failure>& expected) {
  auto packet = "2[\"" + std::string{row.name} + "\"";
  if (!json.empty())
    packet.append(",").append(json);
  packet += "]";
  socketio::plain_event event;
  if (!socketio::read_plain_event(packet, {}, event))
    return;
  limit_counts met;
  auto result = read_request(row, event, settings{}, met);
  CAF_CHECK_EQUAL(fault_of(result), fault_of(expected));
  CAF_CHECK_EQUAL(result.index(), expected.index());
}

std::variant<client_request, failure>
read(std::string_view event, std::string_view json,
     std::vector<std::string> attachments = {}) {
  limit_counts met;
  const auto* row = find_event(event);
  CAF_REQUIRE(row != nullptr);
  boost::json::array arguments{std::string{event}};
  if (!json.empty())
    arguments.push_back(socketio::parse_json(json, {}).value());
  auto plain = attachments.empty();
  auto result = read_request(*row, arguments, attachments, settings{}, met);
  if (plain)
    check_plain(*row, json, result);
  return result;
}

/// The request that `json` makes, which must be a good one.
template <class Request>
Request good(std::string_view event, std::string_view json,
             std::vector<std::string> attachments = {}) {
  limit_counts met;
  auto result = read(event, json, std::move(attachments));
  if (const auto* no = std::get_if<failure>(&result))
    CAF_FAIL(no->message);
  auto* request = std::get_if<Request>(&std::get<client_request>(result));
  CAF_REQUIRE(request != nullptr);
  return std::move(*request);
}

/// Why a request is refused; empty if it is not.
std::string fault(std::string_view event, std::string_view json) {
  auto result = read(event, json);
  const auto* no = std::get_if<failure>(&result);
  if (no != nullptr)
    CAF_CHECK(no->code == errc::bad_request);
  return no != nullptr ? no->message : "";
}

/// A JSON object with one field besides those that the event needs.
std::string with(std::string_view needed, std::string_view field,
                 std::string_view value) {
  std::string result = "{";
  result += needed;
  if (!needed.empty())
    result += ",";
  return result.append("\"").append(field).append("\":").append(value) + "}";
}

/// Checks that a field of another type is refused by its name.
void check_type(std::string_view event, std::string_view needed,
                std::string_view field, std::string_view type) {
  for (std::string_view value : {"\"x\"", "5", "true", "[]", "{}", "1.5"}) {
    auto is_string = value.front() == '"';
    auto is_number = value == "5";
    auto is_flag = value == "true";
    if ((type == "string" && is_string) || (type == "number" && is_number)
        || (type == "flag" && is_flag))
      continue;
    auto expected = type == "string"   ? ": must be a string"
                    : type == "number" ? ": must be a whole number"
                                       : ": must be true or false";
    CAF_CHECK_EQUAL(fault(event, with(needed, field, value)),
                    std::string{field} + expected);
  }
}

/// A JSON string of `size` bytes.
std::string string_of(std::size_t size) {
  return "\"" + std::string(size, 'x') + "\"";
}

} // namespace

CAF_TEST(the events of the protocol are there and no others) {
  for (auto* name : {"host", "join", "leave", "message", "activity", "history",
                     "rejoin", "kick", "mute", "room", "close"})
    CAF_CHECK(find_event(name) != nullptr);
  for (auto* name : {"", "Host", "messages", "error", "room_data"})
    CAF_CHECK(find_event(name) == nullptr);
}

CAF_TEST(a request is one object or nothing at all) {
  CAF_CHECK_EQUAL(fault("leave", ""), "");
  CAF_CHECK_EQUAL(fault("leave", "{}"), "");
  for (auto* json : {"null", "[]", "\"x\"", "5", "true"})
    CAF_CHECK_EQUAL(fault("leave", json),
                    "the request must be one JSON object");
  CAF_CHECK_EQUAL(fault("host", ""), "name: is missing");
  auto result = read("leave", R"({"_placeholder":true,"num":0})", {"binary"});
  CAF_CHECK(std::holds_alternative<failure>(result));
}

CAF_TEST(fields that the server does not know are ignored) {
  CAF_CHECK_EQUAL(fault("leave", R"({"room_idd":"x","extra":[1]})"), "");
}

CAF_TEST(room_id is a whole number from 0 wherever it may stand) {
  const std::vector<std::pair<std::string_view, std::string_view>> needed{
    {"leave", ""},
    {"message", R"("text":"x")"},
    {"activity", R"("kind":"x")"},
    {"history", ""},
    {"kick", R"("user_id":1)"},
    {"mute", R"("user_id":1,"muted":true)"},
    {"room", ""},
    {"close", ""},
    {"join", R"("name":"x")"},
    {"rejoin", R"("token":"x")"},
  };
  for (auto& [event, fields] : needed) {
    check_type(event, fields, "room_id", "number");
    CAF_CHECK_EQUAL(fault(event, with(fields, "room_id", "-1")),
                    "room_id: must not be less than 0");
    CAF_CHECK_EQUAL(fault(event, with(fields, "room_id", "1000")), "");
  }
  CAF_CHECK_EQUAL(fault("join", R"({"name":"x"})"), "room_id: is missing");
  CAF_CHECK_EQUAL(fault("rejoin", R"({"token":"x"})"), "room_id: is missing");
}

CAF_TEST(host reads name and room and password and capacity) {
  auto all = good<host_request>("host", R"({"name":" Ada ","room":"Lobby",)"
                                        R"("password":"p","capacity":2,)"
                                        R"("client_id":"c"})");
  CAF_CHECK_EQUAL(all.name, "Ada");
  CAF_CHECK(all.room == "Lobby");
  CAF_CHECK(all.password == "p");
  CAF_CHECK(all.capacity == 2u);
  CAF_CHECK(all.client_id == "c");
  auto least = good<host_request>("host", R"({"name":"Ada"})");
  CAF_CHECK(!least.room && !least.password && !least.capacity
            && !least.client_id);
}

CAF_TEST(host refuses by name what does not fit) {
  constexpr std::string_view name = R"("name":"x")";
  check_type("host", "", "name", "string");
  check_type("host", name, "room", "string");
  check_type("host", name, "password", "string");
  check_type("host", name, "capacity", "number");
  check_type("host", name, "client_id", "string");
  CAF_CHECK_EQUAL(fault("host", with("", "name", string_of(64))), "");
  CAF_CHECK_EQUAL(fault("host", with("", "name", string_of(65))),
                  "name: must not be longer than 64 characters");
  CAF_CHECK_EQUAL(fault("host", with(name, "room", string_of(128))), "");
  CAF_CHECK_EQUAL(fault("host", with(name, "room", string_of(129))),
                  "room: must not be longer than 128 characters");
  CAF_CHECK_EQUAL(fault("host", with(name, "room", "\" \"")),
                  "room: must not be empty");
  CAF_CHECK_EQUAL(fault("host", with(name, "password", string_of(1025))),
                  "password: must not be longer than 1024 characters");
  CAF_CHECK_EQUAL(fault("host", with(name, "capacity", "0")),
                  "capacity: must not be less than 1");
  CAF_CHECK_EQUAL(fault("host", with(name, "capacity", "10001")),
                  "capacity: must not be more than 10000");
}

CAF_TEST(join reads room and name and password and role and history) {
  auto all = good<join_request>(
    "join", R"({"room_id":1000,"name":"Bob","password":"p",)"
            R"("role":"observer","history":100})");
  CAF_CHECK(all.room == room_id{1000});
  CAF_CHECK_EQUAL(all.name, "Bob");
  CAF_CHECK(all.password == "p");
  CAF_CHECK(all.role == role::observer);
  CAF_CHECK(all.history == 100u);
  auto least = good<join_request>("join", R"({"room_id":1000,"name":"Bob"})");
  CAF_CHECK(least.role == role::participant);
  CAF_CHECK(!least.password && !least.history);
  CAF_CHECK(good<join_request>("join", R"({"room_id":1,"name":"x",)"
                                       R"("role":"participant"})")
              .role
            == role::participant);
}

CAF_TEST(join refuses by name what does not fit) {
  constexpr std::string_view needed = R"("room_id":1000,"name":"x")";
  CAF_CHECK_EQUAL(fault("join", R"({"room_id":1000})"), "name: is missing");
  check_type("join", R"("room_id":1000)", "name", "string");
  check_type("join", needed, "password", "string");
  check_type("join", needed, "history", "number");
  for (auto* role : {"\"host\"", "\"\"", "\"Observer\"", "\"admin\""})
    CAF_CHECK_EQUAL(fault("join", with(needed, "role", role)),
                    "role: must be participant or observer");
  CAF_CHECK_EQUAL(fault("join", with(needed, "role", "5")),
                  "role: must be a string");
  CAF_CHECK_EQUAL(fault("join", with(needed, "history", "101")),
                  "history: must not be more than 100");
}

CAF_TEST(rejoin reads room and token and after) {
  auto all = good<rejoin_request>("rejoin",
                                  R"({"room_id":1000,"token":"t","after":7})");
  CAF_CHECK(all.room == room_id{1000});
  CAF_CHECK_EQUAL(all.token, "t");
  CAF_CHECK(all.after == 7u);
  constexpr std::string_view needed = R"("room_id":1000,"token":"t")";
  CAF_CHECK_EQUAL(fault("rejoin", R"({"room_id":1000})"), "token: is missing");
  check_type("rejoin", R"("room_id":1000)", "token", "string");
  check_type("rejoin", needed, "after", "number");
  CAF_CHECK_EQUAL(fault("rejoin",
                        with(R"("room_id":1000)", "token", string_of(257))),
                  "token: must not be longer than 256 bytes");
  CAF_CHECK_EQUAL(fault("rejoin", with(needed, "after", "-1")),
                  "after: must not be less than 0");
}

CAF_TEST(message reads text and data and to and client_id) {
  auto all = good<message_request>(
    "message", R"({"room_id":1000,"text":" hi\n","to":101,"client_id":"c",)"
               R"("data":{"a":[1.5,null]}})");
  CAF_CHECK(all.room == room_id{1000});
  CAF_CHECK_EQUAL(all.text, " hi\n");
  CAF_CHECK(all.to == user_id{101});
  CAF_CHECK(all.client_id == "c");
  CAF_REQUIRE(all.data != nullptr);
  CAF_CHECK_EQUAL(all.data->json, R"({"a":[1.5,null]})");
  auto least = good<message_request>("message", R"({"text":"x"})");
  CAF_CHECK(!least.room && !least.to && !least.client_id && !least.data);
}

CAF_TEST(message takes the attachments of its data) {
  auto request = good<message_request>(
    "message", R"({"text":"x","data":[{"_placeholder":true,"num":0}]})",
    {"binary"});
  CAF_REQUIRE(request.data != nullptr);
  CAF_CHECK(request.data->attachments == std::vector<std::string>{"binary"});
}

CAF_TEST(message refuses by name what does not fit) {
  constexpr std::string_view text = R"("text":"x")";
  CAF_CHECK_EQUAL(fault("message", "{}"), "text: is missing");
  CAF_CHECK_EQUAL(fault("message", R"({"text":""})"),
                  "text: must not be empty");
  check_type("message", "", "text", "string");
  check_type("message", text, "to", "number");
  check_type("message", text, "client_id", "string");
  CAF_CHECK_EQUAL(fault("message", with("", "text", string_of(16384))), "");
  CAF_CHECK_EQUAL(fault("message", with("", "text", string_of(16385))),
                  "text: must not be longer than 16384 bytes");
  CAF_CHECK_EQUAL(fault("message", with(text, "client_id", string_of(64))), "");
  CAF_CHECK_EQUAL(fault("message", with(text, "client_id", string_of(65))),
                  "client_id: must not be longer than 64 characters");
}

CAF_TEST(activity reads kind and data) {
  auto all = good<activity_request>(
    "activity", R"({"room_id":1000,"kind":"typing","data":1})");
  CAF_CHECK(all.room == room_id{1000});
  CAF_CHECK_EQUAL(all.kind, "typing");
  CAF_REQUIRE(all.data != nullptr);
  CAF_CHECK_EQUAL(all.data->json, "1");
  CAF_CHECK_EQUAL(fault("activity", "{}"), "kind: is missing");
  check_type("activity", "", "kind", "string");
  CAF_CHECK_EQUAL(fault("activity", with("", "kind", string_of(33))),
                  "kind: must not be longer than 32 characters");
  CAF_CHECK_EQUAL(fault("activity", R"({"kind":"two words"})"),
                  "kind: must be one word");
}

CAF_TEST(history reads after and before and limit) {
  auto all = good<history_request>(
    "history", R"({"room_id":1000,"after":1,"before":9,"limit":5})");
  CAF_CHECK(all.room == room_id{1000});
  CAF_CHECK(all.after == 1u);
  CAF_CHECK(all.before == 9u);
  CAF_CHECK_EQUAL(all.limit, 5u);
  auto least = good<history_request>("history", "");
  CAF_CHECK(!least.room && !least.after && !least.before);
  CAF_CHECK_EQUAL(least.limit, 100u);
  for (auto* field : {"after", "before", "limit"})
    check_type("history", "", field, "number");
  CAF_CHECK_EQUAL(fault("history", R"({"limit":0})"),
                  "limit: must not be less than 1");
  CAF_CHECK_EQUAL(fault("history", R"({"limit":101})"),
                  "limit: must not be more than 100");
}

CAF_TEST(kick reads user_id and reason and ban) {
  auto all = good<kick_request>(
    "kick", R"({"room_id":1000,"user_id":101,"reason":"rude","ban":true})");
  CAF_CHECK(all.room == room_id{1000});
  CAF_CHECK(all.user == user_id{101});
  CAF_CHECK_EQUAL(all.reason, "rude");
  CAF_CHECK(all.ban);
  auto least = good<kick_request>("kick", R"({"user_id":101})");
  CAF_CHECK_EQUAL(least.reason, "");
  CAF_CHECK(!least.ban);
  constexpr std::string_view user = R"("user_id":101)";
  CAF_CHECK_EQUAL(fault("kick", "{}"), "user_id: is missing");
  check_type("kick", "", "user_id", "number");
  check_type("kick", user, "reason", "string");
  check_type("kick", user, "ban", "flag");
  CAF_CHECK_EQUAL(fault("kick", with(user, "reason", string_of(257))),
                  "reason: must not be longer than 256 characters");
}

CAF_TEST(mute reads user_id and muted) {
  auto all = good<mute_request>(
    "mute", R"({"room_id":1000,"user_id":101,"muted":true})");
  CAF_CHECK(all.room == room_id{1000});
  CAF_CHECK(all.user == user_id{101});
  CAF_CHECK(all.muted);
  CAF_CHECK_EQUAL(fault("mute", R"({"muted":true})"), "user_id: is missing");
  CAF_CHECK_EQUAL(fault("mute", R"({"user_id":101})"), "muted: is missing");
  check_type("mute", R"("muted":true)", "user_id", "number");
  check_type("mute", R"("user_id":101)", "muted", "flag");
}

CAF_TEST(room reads what is to change and nothing else) {
  auto all = good<configure_request>(
    "room", R"({"room_id":1000,"name":"New","locked":true,"password":"p",)"
            R"("capacity":5,"host":101})");
  CAF_CHECK(all.room == room_id{1000});
  CAF_CHECK(all.name == "New");
  CAF_CHECK(all.locked == true);
  CAF_CHECK(all.password == "p");
  CAF_CHECK(all.capacity == 5u);
  CAF_CHECK(all.host == user_id{101});
  auto least = good<configure_request>("room", "{}");
  CAF_CHECK(!least.name && !least.locked && !least.password && !least.capacity
            && !least.host);
}

CAF_TEST(room takes the password away when it is null or empty) {
  for (auto* json : {R"({"password":null})", R"({"password":""})"})
    CAF_CHECK(good<configure_request>("room", json).password == "");
}

CAF_TEST(room refuses by name what does not fit) {
  check_type("room", "", "name", "string");
  check_type("room", "", "locked", "flag");
  check_type("room", "", "password", "string");
  check_type("room", "", "capacity", "number");
  check_type("room", "", "host", "number");
  CAF_CHECK_EQUAL(fault("room", with("", "name", string_of(129))),
                  "name: must not be longer than 128 characters");
  CAF_CHECK_EQUAL(fault("room", R"({"name":""})"), "name: must not be empty");
  CAF_CHECK_EQUAL(fault("room", R"({"capacity":0})"),
                  "capacity: must not be less than 1");
}

CAF_TEST(leave and close read the room) {
  CAF_CHECK(good<leave_request>("leave", R"({"room_id":1000})").room
            == room_id{1000});
  CAF_CHECK(good<close_request>("close", R"({"room_id":1000})").room
            == room_id{1000});
  CAF_CHECK(!good<close_request>("close", "").room);
}

CAF_TEST(limits in characters count code points) {
  auto filled = [](std::string_view event, std::string_view others,
                   std::string_view field, std::size_t max) {
    std::string most = "\"";
    for (std::size_t i = 0; i < max; ++i)
      most += i % 2 == 0 ? "é" : "日";
    CAF_CHECK_EQUAL(fault(event, with(others, field, most + '"')), "");
    CAF_CHECK_EQUAL(fault(event, with(others, field, most + "é\"")),
                    std::string{field} + ": must not be longer than "
                      + std::to_string(max) + " characters");
  };
  filled("host", "", "name", 64);
  filled("host", R"("name":"x")", "room", 128);
  filled("host", R"("name":"x")", "password", 1024);
  filled("host", R"("name":"x")", "client_id", 64);
  filled("join", R"("room_id":1000)", "name", 64);
  filled("join", R"("room_id":1000,"name":"x")", "password", 1024);
  filled("message", R"("text":"x")", "client_id", 64);
  filled("activity", "", "kind", 32);
  filled("kick", R"("user_id":101)", "reason", 256);
  filled("room", "", "name", 128);
  filled("room", "", "password", 1024);
}
