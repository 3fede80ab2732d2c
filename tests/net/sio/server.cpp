#include "net/sio/server.hpp"

#include "net/engineio/outgoing.hpp"
#include "net/socketio/msgpack.hpp"
#include "tests/net/connection_double.hpp"

#define CAF_SUITE net.sio.server
#include "tests/test.hpp"

using namespace observer;

namespace {

struct fixture {
  boost::asio::io_context loop;
  std::optional<sio::server> io;
  std::deque<connection_double> lines;
  std::vector<std::string> reasons;

  fixture() {
    serve({});
  }

  ~fixture() {
    for (auto& line : lines)
      line.breaks();
  }

  void serve(const sio::server_options& options) {
    io.emplace(loop, options);
    io->of("/").on_disconnect([this](sio::socket&, sio::disconnect_reason why) {
      reasons.emplace_back(to_string_view(why));
    });
  }

  connection_double& connect(const std::string& target = "/socket.io/?a=1&b=") {
    auto& line = lines.emplace_back(loop);
    http::request request{http::verb::get, target, 11};
    line.handler = io->at("/socket.io/").make_handler(line, request);
    line.handler->on_open();
    return line;
  }

  /// A client in the default namespace.
  connection_double& enter() {
    auto& line = connect();
    line.says("0");
    line.heard();
    return line;
  }

  sio::socket& only() {
    CAF_REQUIRE_EQUAL(io->of("/").sockets().size(), 1u);
    return *io->of("/").sockets().begin()->second;
  }

  /// The value of a member in the answer to CONNECT.
  static std::string member(const std::string& answer,
                            const std::string& name) {
    auto begin = answer.find("\"" + name + "\":\"") + name.size() + 4;
    return answer.substr(begin, answer.find('"', begin) - begin);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(server_tests, fixture)

CAF_TEST(an event reaches its handler and the answer its sender) {
  io->of("/").on("sum", [](sio::socket&, sio::message& said, sio::ack answer) {
    answer(
      sio::message{said.at(0).to_number<int>() + said.at(1).to_number<int>()});
    answer(sio::message{"twice"});
  });
  auto& line = enter();
  line.says(R"(27["sum",1,2])");
  CAF_CHECK_EQUAL(line.heard(), "437[3] ");
  line.says(R"(2["sum",1,2])");
  line.says(R"(28["unheard of"])");
  CAF_CHECK_EQUAL(line.heard(), "");
}

CAF_TEST(a client of messagepack hears and says bytes only) {
  io->of("/").on("swap",
                 [](sio::socket& from, sio::message& said, sio::ack answer) {
                   auto order = boost::json::array{said.at(1), said.at(0)};
                   said.arguments = order;
                   from.emit("swapped", said);
                   answer(said);
                 });
  auto& line = connect();
  auto say = [&line](const boost::json::object& packet) {
    std::string bytes;
    socketio::append_msgpack(bytes, packet, std::vector<std::string>{"abc"});
    line.says(bytes, true);
  };
  say({{"type", 0}, {"nsp", "/"}});
  // A packet in base64, its first part: {"type":0,"data":{"sid":"
  CAF_CHECK(line.heard().starts_with("bg6R0eXBlAKRkYXRhgaNzaWS2"));
  boost::json::object stand_in{{"_placeholder", true}, {"num", 0}};
  say({{"type", 2}, {"data", {"swap", 1, stand_in}}, {"nsp", "/"}, {"id", 7}});
  // {"type":2,"data":["swapped",<abc>,1],"nsp":"/"}, and
  // {"type":3,"data":[<abc>,1],"nsp":"/","id":7}
  CAF_CHECK_EQUAL(line.heard(), "bg6R0eXBlAqRkYXRhk6dzd2FwcGVkxANhYmMBo25zcKEv "
                                "bhKR0eXBlA6RkYXRhksQDYWJjAaNuc3ChL6JpZAc= ");
  line.says("2[\"swap\"]");
  CAF_CHECK_EQUAL(reasons.back(), "parse error");
}

CAF_TEST(what is held until attachments come is charged to the address) {
  auto& line = enter();
  line.says(R"(52-["two",{"_placeholder":true,"num":0},)"
            R"({"_placeholder":true,"num":1}])");
  auto packet = line.held;
  CAF_CHECK(packet > 60);
  line.says("abc", true);
  CAF_CHECK_EQUAL(line.held, packet + 3);
  line.says("defg", true);
  CAF_CHECK_EQUAL(line.held, 0u);
  CAF_CHECK(!line.ended);
  CAF_MESSAGE("an address that holds too much has its line cut");
  auto& another = enter();
  another.may_hold = packet + 2;
  another.says(R"(52-["two",{"_placeholder":true,"num":0},)"
               R"({"_placeholder":true,"num":1}])");
  CAF_CHECK(!another.ended);
  another.says("abc", true);
  CAF_CHECK(another.ended == engineio::close_reason::unfinished);
}

CAF_TEST(bytes come in and go out) {
  io->of("/").on("swap", [](sio::socket& from, sio::message& said, sio::ack) {
    CAF_REQUIRE(said.bytes_of(said.at(0)) != nullptr);
    CAF_CHECK(said.bytes_of(said.at(1)) == nullptr);
    sio::message out;
    auto stand_in = out.attach(*said.bytes_of(said.at(0)) + "!");
    out.arguments.push_back(boost::json::object{{"deep", stand_in}});
    from.emit("swapped", out);
  });
  auto& line = enter();
  line.says(R"(51-["swap",{"_placeholder":true,"num":0},1])");
  line.handler->on_message("abc", true);
  CAF_CHECK_EQUAL(
    line.heard(),
    R"(451-["swapped",{"deep":{"_placeholder":true,"num":0}}]|bYWJjIQ== )");
}

CAF_TEST(who may not enter hears why) {
  io->of("/vip").on_connect(
    [](const sio::handshake& said) -> std::optional<sio::refusal> {
      if (said.auth.contains("token"))
        return std::nullopt;
      return sio::refusal{"no token", boost::json::object{{"code", 7}}};
    });
  auto& line = connect();
  line.says("0/vip,");
  CAF_CHECK_EQUAL(line.heard(),
                  R"(44/vip,{"message":"no token","data":{"code":7}} )");
  line.says("0/nowhere");
  CAF_CHECK_EQUAL(line.heard(),
                  R"(44/nowhere,{"message":"Invalid namespace"} )");
  line.says(R"(0/vip,{"token":1})");
  CAF_CHECK(line.heard().starts_with(R"(40/vip,{"sid":)"));
}

CAF_TEST(one namespace can have many names) {
  auto& rooms
    = io->of([](std::string_view name) { return name.starts_with("/room-"); });
  auto& first = connect();
  auto& second = connect();
  first.says("0/room-1");
  second.says("0/room-2");
  first.heard();
  second.heard();
  rooms.emit("news", sio::message{1});
  CAF_CHECK_EQUAL(first.heard(), R"(42/room-1,["news",1] )");
  CAF_CHECK_EQUAL(second.heard(), R"(42/room-2,["news",1] )");
}

CAF_TEST(the handshake tells what the client said) {
  auto& line = enter();
  auto& said = only().handshake();
  CAF_CHECK_EQUAL(*said.find_query("a"), "1");
  CAF_CHECK_EQUAL(*said.find_query("b"), "");
  CAF_CHECK(said.find_query("c") == nullptr);
  CAF_CHECK_EQUAL(said.address, line.where);
}

CAF_TEST(a client is asked and answers or is gone) {
  auto& line = enter();
  std::vector<std::string> answers;
  auto note = [&](const std::optional<sio::message>& answer) {
    answers.push_back(answer ? std::string{answer->at(0).as_string()} : "none");
  };
  only().emit("question", {}, std::chrono::seconds{9}, note);
  CAF_CHECK_EQUAL(line.heard(), R"(420["question"] )");
  line.says(R"(30["yes"])");
  line.says(R"(30["yes again"])");
  only().emit("question", {}, std::chrono::milliseconds{0}, note);
  loop.poll(); // it is due already
  only().emit("question", {}, std::chrono::seconds{9}, note);
  line.breaks();
  CAF_CHECK(answers == (std::vector<std::string>{"yes", "none", "none"}));
}

CAF_TEST(a volatile event is dropped for who is behind) {
  auto& line = enter();
  only().emit_volatile("tick", {});
  CAF_CHECK_EQUAL(line.heard(), R"(42["tick"] )");
  line.queued = 65 * 1024;
  only().emit_volatile("tick", {});
  CAF_CHECK_EQUAL(line.heard(), "");
}

CAF_TEST(the end has a reason) {
  enter().says("1");
  enter().breaks(engineio::close_reason::ping_timeout);
  auto& line = enter();
  only().disconnect();
  CAF_CHECK_EQUAL(line.heard(), "41 ");
  CAF_CHECK(
    reasons
    == (std::vector<std::string>{"client namespace disconnect", "ping timeout",
                                 "server namespace disconnect"}));
}

CAF_TEST(a lost socket is recovered with what it missed) {
  serve({.recovery = sio::recovery_options{}});
  auto& first = connect();
  first.says("0");
  auto answer = first.heard();
  auto pid = member(answer, "pid");
  io->of("/").emit("news", sio::message{1});
  CAF_CHECK_EQUAL(first.heard(), R"(42["news",1,"1"] )");
  first.breaks();
  io->of("/").emit("news", sio::message{2});
  CAF_CHECK(reasons.empty());
  auto& second = connect();
  second.says(R"(0{"pid":")" + pid + R"(","offset":"1"})");
  auto back = second.heard();
  CAF_CHECK_EQUAL(member(back, "sid"), member(answer, "sid"));
  CAF_CHECK(back.ends_with(R"( 42["news",2,"2"] )"));
  CAF_CHECK(only().recovered());
}

CAF_TEST(a second connection takes the socket from the first) {
  serve({.recovery = sio::recovery_options{}});
  auto& first = connect();
  first.says("0");
  auto answer = first.heard();
  auto& second = connect();
  second.says(R"(0{"pid":")" + member(answer, "pid") + R"("})");
  CAF_CHECK_EQUAL(member(second.heard(), "sid"), member(answer, "sid"));
  CAF_CHECK(first.ended == engineio::close_reason::server_close);
  first.end_turn();
  CAF_CHECK(reasons.empty());
  only().emit("here", {});
  CAF_CHECK_EQUAL(second.heard(), R"(42["here","1"] )");
}

CAF_TEST(who reads nothing is out and nobody is in the midst of it) {
  serve({.recovery = sio::recovery_options{}});
  auto& line = connect();
  line.says("0");
  auto answer = line.heard();
  line.limit = line.queued + 10;
  io->of("/").emit("news", sio::message{"more than it takes"});
  only().emit("news", sio::message{1});
  CAF_CHECK(only().connected());
  line.end_turn();
  CAF_CHECK(!only().connected());
  CAF_MESSAGE("when it comes back and still does not read it waits again");
  auto& second = connect();
  second.limit = 10;
  second.says(R"(0{"pid":")" + member(answer, "pid") + R"("})");
  CAF_CHECK(second.ended == engineio::close_reason::slow_reader);
  CAF_CHECK(!only().connected());
  CAF_CHECK(reasons.empty());
  auto& third = connect();
  third.says(R"(0{"pid":")" + member(answer, "pid") + R"("})");
  auto back = third.heard();
  CAF_CHECK_EQUAL(member(back, "sid"), member(answer, "sid"));
  CAF_CHECK(back.find("more than it takes") != std::string::npos);
}

CAF_TEST(what cannot be recovered begins anew) {
  sio::recovery_options little;
  little.bytes = 1;
  serve({.recovery = little});
  auto& first = connect();
  first.says("0");
  auto answer = first.heard();
  first.breaks();
  io->of("/").emit("news", sio::message{1});
  for (auto auth : {R"({"pid":")" + member(answer, "pid") + R"("})",
                    std::string{R"({"pid":"made up","offset":"0"})"}}) {
    auto& next = connect();
    next.says("0" + auth);
    CAF_CHECK(member(next.heard(), "sid") != member(answer, "sid"));
  }
}

CAF_TEST(a socket that nobody comes back for is gone after the window) {
  sio::recovery_options brief;
  brief.window = std::chrono::milliseconds{0};
  serve({.recovery = brief});
  enter().breaks();
  loop.poll(); // it is due already
  CAF_CHECK(reasons == (std::vector<std::string>{"transport close"}));
  CAF_CHECK(io->of("/").sockets().empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
