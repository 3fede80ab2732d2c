#include "net/socketio/session.hpp"

#include "net/socketio/json.hpp"
#include "net/socketio/msgpack.hpp"

#define CAF_SUITE net.socketio.session
#include "tests/test.hpp"

using namespace observer;
using namespace observer::socketio;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// A session in virtual time; what it had to say stands in `log`.
struct fixture : session_effects {
  std::string log;
  bool takes_plain = false;
  time_point start{seconds{1000}};
  session_options usual;
  session under_test{usual, protocol::v5, *this, start};

  /// What was said since the last call.
  std::string said() {
    return std::exchange(log, {});
  }

  void enter(std::string_view nsp = "/") {
    under_test.on_text("0" + std::string{nsp});
    under_test.accept(nsp, "S");
    said();
  }

  // -- session_effects --------------------------------------------------------

  void send(const engineio::outgoing_ptr& packet) override {
    std::string payload;
    packet->append_to_payload(payload);
    // Behind the type of a text message, or that of bytes in base64.
    add("send", std::string_view{payload}.substr(1));
  }

  void fail(boost::system::error_code why) override {
    add("fail", why.message());
  }

  void connecting(std::string_view nsp, boost::json::object auth) override {
    add("connecting", nsp);
    append_json(log, auth);
  }

  void received(const incoming_event& event) override {
    add("event", event.nsp);
    add(event.name, event.ack ? std::to_string(*event.ack) : "-");
    append_json(log, event.arguments);
    for (auto& attachment : event.attachments)
      log += "+" + attachment;
  }

  [[nodiscard]] bool takes_plain_events() const override {
    return takes_plain;
  }

  bool received_plain(const plain_event& event) override {
    add("plain", event.name);
    return event.name != "unknown";
  }

  void acknowledged(std::string_view nsp, std::uint64_t id,
                    boost::json::array& arguments,
                    std::vector<std::string>& attachments) override {
    add("ack", nsp);
    log += std::to_string(id);
    append_json(log, arguments);
    for (auto& attachment : attachments)
      log += "+" + attachment;
  }

  void disconnected(std::string_view nsp) override {
    add("disconnected", nsp);
  }

  void add(std::string_view what, std::string_view data) {
    log.append(what).append("(").append(data).append(")");
  }
};

/// A packet in MessagePack.
std::string pack(const boost::json::object& what) {
  std::string bytes;
  append_msgpack(bytes, what);
  return bytes;
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(session_tests, fixture)

// -- entering -----------------------------------------------------------------

CAF_TEST(a client that connects is let in under its id) {
  under_test.on_text("0");
  CAF_CHECK_EQUAL(said(), "connecting(/){}");
  CAF_CHECK(!under_test.is_connected("/"));
  under_test.accept("/", "abc");
  CAF_CHECK_EQUAL(said(), R"(send(0{"sid":"abc"}))");
  CAF_CHECK(under_test.is_connected("/"));
}

CAF_TEST(a client may hand credentials over) {
  under_test.on_text(R"(0/admin,{"token":"x"})");
  CAF_CHECK_EQUAL(said(), R"(connecting(/admin){"token":"x"})");
  under_test.accept("/admin", "abc");
  CAF_CHECK_EQUAL(said(), R"(send(0/admin,{"sid":"abc"}))");
}

CAF_TEST(a query behind the namespace is no part of it) {
  under_test.on_text("0/admin?token=x,");
  CAF_CHECK_EQUAL(said(), "connecting(/admin){}");
}

CAF_TEST(a client that is refused may try again) {
  under_test.on_text("0/x");
  under_test.refuse("/x", "no \"x\"");
  CAF_CHECK_EQUAL(said(),
                  R"(connecting(/x){}send(4/x,{"message":"no \"x\""}))");
  CAF_CHECK(!under_test.is_connected("/x"));
  under_test.on_text("0/x");
  CAF_CHECK_EQUAL(said(), "connecting(/x){}");
}

CAF_TEST(an answer that nobody waits for is not given) {
  under_test.accept("/", "abc");
  under_test.refuse("/", "no");
  under_test.disconnect("/");
  CAF_CHECK_EQUAL(said(), "");
  enter();
  under_test.accept("/", "again");
  CAF_CHECK_EQUAL(said(), "");
}

CAF_TEST(a second connect to a namespace is a failure) {
  under_test.on_text("0");
  said();
  under_test.on_text("0");
  CAF_CHECK_EQUAL(said(), "fail(a second CONNECT to the same namespace)");
  enter("/x");
  under_test.on_text("0/x,");
  CAF_CHECK_EQUAL(said(), "fail(a second CONNECT to the same namespace)");
}

CAF_TEST(a client is in 8 namespaces at most) {
  for (int i = 0; i < 8; ++i)
    enter("/" + std::to_string(i));
  under_test.on_text("0/8");
  CAF_CHECK_EQUAL(said(), "fail(too many namespaces)");
  under_test.on_text("1/0");
  said();
  under_test.on_text("0/8");
  CAF_CHECK_EQUAL(said(), "connecting(/8){}");
}

// -- time ---------------------------------------------------------------------

CAF_TEST(a client has 45 seconds to enter a namespace) {
  CAF_REQUIRE(under_test.deadline().has_value());
  CAF_CHECK(*under_test.deadline() == start + seconds{45});
  under_test.on_text("0"); // to ask is not to be in
  said();
  under_test.on_time(start + seconds{45} - milliseconds{1});
  CAF_CHECK_EQUAL(said(), "");
  under_test.on_time(start + seconds{45});
  CAF_CHECK_EQUAL(said(), "fail(no namespace entered in time)");
}

CAF_TEST(a client that was in has no deadline also when it left again) {
  enter();
  CAF_CHECK(!under_test.deadline());
  under_test.on_text("1");
  said();
  CAF_CHECK(!under_test.deadline());
  under_test.on_time(start + seconds{100});
  CAF_CHECK_EQUAL(said(), "");
}

// -- events and acks ----------------------------------------------------------

CAF_TEST(events come with name and ack and arguments) {
  enter();
  under_test.on_text(R"(2["say",{"b":1,"a":2}])");
  CAF_CHECK_EQUAL(said(), R"(event(/)say(-)["say",{"b":1,"a":2}])");
  under_test.on_text(R"(27["say"])");
  CAF_CHECK_EQUAL(said(), R"(event(/)say(7)["say"])");
  under_test.on_text("2[5,true]");
  CAF_CHECK_EQUAL(said(), "event(/)5(-)[5,true]");
}

CAF_TEST(events come from the namespace that they name) {
  enter("/a");
  enter("/b");
  under_test.on_text(R"(2/b,["x"])");
  CAF_CHECK_EQUAL(said(), R"(event(/b)x(-)["x"])");
}

CAF_TEST(events wait for their attachments) {
  enter();
  under_test.on_text(R"(52-["x",{"_placeholder":true,"num":0},)"
                     R"({"_placeholder":true,"num":1}])");
  under_test.on_binary("one");
  CAF_CHECK_EQUAL(said(), "");
  under_test.on_binary("two");
  CAF_CHECK_EQUAL(said(), R"(event(/)x(-)["x",{"_placeholder":true,"num":0},)"
                          R"({"_placeholder":true,"num":1}]+one+two)");
}

CAF_TEST(acks come with their id) {
  enter();
  under_test.on_text(R"(312["yes"])");
  CAF_CHECK_EQUAL(said(), R"(ack(/)12["yes"])");
  under_test.on_text(R"(61-3[{"_placeholder":true,"num":0}])");
  under_test.on_binary("b");
  CAF_CHECK_EQUAL(said(), R"(ack(/)3[{"_placeholder":true,"num":0}]+b)");
}

CAF_TEST(an ack without an id and an event without payload are nothing) {
  enter();
  under_test.on_text("3[]");
  under_test.on_text("399999999999999999999[]");
  under_test.on_text("2");
  CAF_CHECK_EQUAL(said(), "");
}

// -- leaving ------------------------------------------------------------------

CAF_TEST(a client that leaves is gone from that namespace alone) {
  enter("/a");
  enter("/b");
  under_test.on_text("1/a,");
  CAF_CHECK_EQUAL(said(), "disconnected(/a)");
  CAF_CHECK(!under_test.is_connected("/a"));
  CAF_CHECK(under_test.is_connected("/b"));
}

CAF_TEST(a client that is shown out is told) {
  enter("/a");
  under_test.disconnect("/a");
  CAF_CHECK_EQUAL(said(), "send(1/a,)");
  CAF_CHECK(!under_test.is_connected("/a"));
}

CAF_TEST(what was on its way when a namespace was left is dropped) {
  enter();
  under_test.disconnect("/");
  said();
  under_test.on_text(R"(2["say"])");
  under_test.on_text("1");
  CAF_CHECK_EQUAL(said(), "");
}

// -- failures -----------------------------------------------------------------

CAF_TEST(anything before connect is a failure) {
  for (auto* text : {"1", "2[\"x\"]", "31[]"}) {
    under_test.on_text(text);
    CAF_CHECK_EQUAL(said(), "fail(a packet before CONNECT)");
  }
  under_test.on_text("0"); // asked is not entered
  said();
  under_test.on_text("2[\"x\"]");
  CAF_CHECK_EQUAL(said(), "fail(a packet before CONNECT)");
}

CAF_TEST(malformed packets are failures) {
  enter();
  under_test.on_text("");
  CAF_CHECK_EQUAL(said(), "fail(empty packet)");
  under_test.on_text("7");
  CAF_CHECK_EQUAL(said(), "fail(unknown packet type)");
  under_test.on_text("4{\"message\":\"x\"}");
  CAF_CHECK_EQUAL(said(), "fail(unknown packet type)");
  under_test.on_binary("x");
  CAF_CHECK_EQUAL(said(), "fail(binary message without a packet)");
}

CAF_TEST(a client of protocol 4 is in the default namespace at once) {
  session old{usual, protocol::v4, *this, start};
  old.on_open();
  CAF_CHECK_EQUAL(said(), "connecting(/){}");
  old.accept("/", "S");
  CAF_CHECK_EQUAL(said(), "send(0)");
  CAF_CHECK(!old.deadline());
  old.on_text("0/news?token=x");
  CAF_CHECK_EQUAL(said(), "connecting(/news){}");
  old.accept("/news", "S");
  CAF_CHECK_EQUAL(said(), "send(0/news,)");
  old.on_text("0/secret");
  said();
  old.refuse("/secret", "no \"entry\"");
  CAF_CHECK_EQUAL(said(), R"(send(4/secret,"no \"entry\""))");
}

CAF_TEST(who wants plain events gets them while the client is in) {
  enter();
  under_test.on_text(R"(2["say",{"a":1}])");
  CAF_CHECK_EQUAL(said(), R"(event(/)say(-)["say",{"a":1}])");
  takes_plain = true;
  under_test.on_text(R"(2["say",{"a":1}])");
  CAF_CHECK_EQUAL(said(), "plain(say)");
  under_test.on_text(R"(2["unknown"])");
  CAF_CHECK_EQUAL(said(), R"(plain(unknown)event(/)unknown(-)["unknown"])");
  under_test.on_text(R"(2["say",{"a":[]}])");
  CAF_CHECK_EQUAL(said(), R"(event(/)say(-)["say",{"a":[]}])");
  enter("/news");
  under_test.on_text(R"(2/news,["say",{"a":1}])");
  CAF_CHECK_EQUAL(said(), R"(event(/news)say(-)["say",{"a":1}])");
  under_test.on_text("1/news,");
  said();
  under_test.on_text(R"(2["say"])");
  CAF_CHECK_EQUAL(said(), "plain(say)");
  under_test.on_text("1");
  said();
  under_test.on_text(R"(2["say"])");
  CAF_CHECK_EQUAL(said(), ""); // it was on its way
  enter();
  under_test.disconnect("/");
  said();
  under_test.on_text(R"(2["say"])");
  CAF_CHECK_EQUAL(said(), "");
}

CAF_TEST(no plain event comes between a packet and its attachments) {
  takes_plain = true;
  enter();
  under_test.on_text(R"(51-["say",{"_placeholder":true,"num":0}])");
  under_test.on_text(R"(2["say"])");
  CAF_CHECK_EQUAL(said(), "fail(text message where bytes are due)");
}

CAF_TEST(no plain event comes before the client is in) {
  takes_plain = true;
  under_test.on_text(R"(2["say"])");
  CAF_CHECK_EQUAL(said(), "fail(a packet before CONNECT)");
}

CAF_TEST(a client that may come back is told its secret) {
  under_test.on_text("0");
  said();
  under_test.accept("/", "abc", "key");
  CAF_CHECK_EQUAL(said(), R"(send(0{"sid":"abc","pid":"key"}))");
}

CAF_TEST(a client whose first message is bytes is spoken to in messagepack) {
  auto& packed = under_test;
  auto say = [&](const boost::json::object& what) {
    packed.on_binary(pack(what));
  };
  say({{"type", 0}, {"nsp", "/"}, {"data", {{"pid", "key"}}}});
  CAF_CHECK_EQUAL(said(), R"(connecting(/){"pid":"key"})");
  packed.accept("/", "abc"); // {"type":0,"data":{"sid":"abc"},"nsp":"/"}
  CAF_CHECK_EQUAL(said(), "send(g6R0eXBlAKRkYXRhgaNzaWSjYWJjo25zcKEv)");
  say({{"type", 2}, {"nsp", "/"}, {"data", {"say", 1}}, {"id", 7}});
  CAF_CHECK_EQUAL(said(), R"(event(/)say(7)["say",1])");
  packed.on_text("2[\"say\"]");
  CAF_CHECK_EQUAL(said(), "fail(text message where bytes are due)");
  say({{"type", 1}, {"nsp", "/"}});
  CAF_CHECK_EQUAL(said(), "disconnected(/)");
}

CAF_TEST(a client is held to the parser of its first message) {
  enter();
  CAF_CHECK(under_test.parser() == parser::json);
  under_test.on_binary(pack({{"type", 1}, {"nsp", "/"}}));
  CAF_CHECK_EQUAL(said(), "fail(binary message without a packet)");
}

CAF_TEST(a parser that is not allowed is not spoken) {
  session_options options;
  options.parsers = {.json = false, .msgpack = true};
  session packed{options, protocol::v5, *this, start};
  packed.on_text("0");
  CAF_CHECK_EQUAL(said(), "fail(text message where bytes are due)");
  options.parsers = {.json = true, .msgpack = false};
  session plain{options, protocol::v5, *this, start};
  plain.on_binary(pack({{"type", 0}, {"nsp", "/"}}));
  CAF_CHECK_EQUAL(said(), "fail(binary message without a packet)");
}

CAF_TEST(a client of protocol 4 is spoken to in json whatever comes first) {
  session old{usual, protocol::v4, *this, start};
  old.on_open();
  old.accept("/", "abc");
  CAF_CHECK_EQUAL(said(), "connecting(/){}send(0)");
  old.on_binary(pack({{"type", 1}, {"nsp", "/"}}));
  CAF_CHECK_EQUAL(said(), "fail(binary message without a packet)");
}

CAF_TEST(a refusal may carry data) {
  under_test.on_text("0/x");
  said();
  under_test.refuse("/x", "no", boost::json::object{{"code", 7}});
  CAF_CHECK_EQUAL(said(), R"(send(4/x,{"message":"no","data":{"code":7}}))");
}

CAF_TEST_FIXTURE_SCOPE_END()
