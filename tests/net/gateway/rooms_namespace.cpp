#include "net/gateway/rooms_namespace.hpp"

#include "net/gateway/encoding.hpp"
#include "net/sio/server.hpp"
#include "tests/actors/support.hpp"
#include "tests/net/connection_double.hpp"

#define CAF_SUITE net.gateway.rooms_namespace
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;
using std::chrono::seconds;

namespace {

settings recovering() {
  settings result;
  result.recovery_window = seconds{60};
  return result;
}

/// Clients on connections without a wire, before a real hub and real sessions.
struct fixture {
  boost::asio::io_context loop;
  gateway::wire_encoder encoder;
  house at{recovering(), &encoder};
  gateway::ended_clients ended;
  std::deque<sio::server> servers; ///< one a loop
  std::deque<connection_double> lines;
  std::size_t made = 0; ///< sessions

  fixture() {
    for (std::size_t number = 0; number < 2; ++number)
      serve(number);
  }

  ~fixture() {
    for (auto& line : lines)
      line.breaks();
    run();
  }

  void serve(std::size_t number) {
    auto make = [this](client_port_ptr port) {
      ++made;
      return at.actors->begin_session(0, std::move(port));
    };
    auto find = [this](hub_message::recover_client request) {
      at.actors->recover(0, std::move(request));
    };
    servers.emplace_back(loop).serve(
      std::string{gateway::rooms_namespace::name},
      std::make_shared<gateway::rooms_namespace>(gateway::rooms_services{
        at.limits, make, find, number, 2, loop, at.met, ended}));
  }

  /// @param number of the loop that the connection is on, of two; all sessions
  ///        live on the first
  connection_double& connect(std::size_t number = 0) {
    auto& line = lines.emplace_back(loop);
    http::request request{http::verb::get, "/socket.io/", 11};
    line.handler
      = servers[number].at("/socket.io/").make_handler(line, request);
    line.handler->on_open();
    return line;
  }

  /// Actors, and what they hand over to other loops, until all is quiet.
  void run() {
    do
      at.run();
    while (loop.poll() > 0);
    for (auto& line : lines)
      line.end_turn();
    at.run();
  }

  /// A client in a room of its own.
  connection_double& enter() {
    auto& line = connect();
    line.says("0");
    line.says(R"(21["host",{"name":"Ada"}])");
    run();
    return line;
  }

  /// The value of a member in the first packet that has it.
  static std::string member(const std::string& text, const std::string& name) {
    auto begin = text.find("\"" + name + "\":\"") + name.size() + 4;
    return text.substr(begin, text.find('"', begin) - begin);
  }

  /// CONNECT as the client of `heard` would say it on its next connection.
  static std::string connect_again(const std::string& heard) {
    auto last = heard.rfind(",\"1");
    auto offset = heard.substr(last + 2, heard.find('"', last + 2) - last - 2);
    return R"(0{"pid":")" + member(heard, "pid") + R"(","offset":")" + offset
           + "\"}";
  }

  [[nodiscard]] std::size_t sessions() const {
    return at.directory.count("session");
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(rooms_namespace_tests, fixture)

CAF_TEST(a lost client has its socket back) {
  auto& first = enter();
  auto heard = first.heard();
  first.breaks();
  auto& second = connect();
  second.says(connect_again(heard));
  run();
  CAF_CHECK_EQUAL(member(second.sent, "sid"), member(heard, "sid"));
  CAF_CHECK_EQUAL(made, 1u);
}

CAF_TEST(so has one whose connection is on another loop) {
  auto& first = enter();
  auto heard = first.heard();
  first.breaks();
  auto& second = connect(1);
  second.says(connect_again(heard));
  run();
  CAF_CHECK_EQUAL(member(second.sent, "sid"), member(heard, "sid"));
  CAF_MESSAGE("its end is noticed late");
  auto& third = connect();
  third.says(connect_again(heard));
  at.run();
  second.breaks(); // before it hears that it was replaced
  run();
  third.heard();
  third.says(R"(22["message",{"text":"here"}])");
  run();
  CAF_CHECK(third.heard().find("\"here\"") != std::string::npos);
  at.pass(seconds{300});
  CAF_CHECK_EQUAL(sessions(), 1u);
}

CAF_TEST(the answer to connect may be more than a client takes) {
  auto& line = connect();
  line.limit = 10;
  CAF_MESSAGE("without the session that it asked for");
  line.says(R"(0{"pid":"made up"})");
  at.run();
  CAF_CHECK(line.ended == engineio::close_reason::slow_reader);
  CAF_CHECK_EQUAL(made, 1u);
  run(); // it hears of its end
  at.pass(seconds{61});
  CAF_CHECK_EQUAL(sessions(), 0u);
  CAF_MESSAGE("and with it");
  auto& first = enter();
  auto heard = first.heard();
  first.breaks();
  auto& second = connect();
  second.limit = 10;
  second.says(connect_again(heard));
  run();
  CAF_CHECK(second.ended == engineio::close_reason::slow_reader);
  CAF_CHECK_EQUAL(sessions(), 1u);
  at.pass(seconds{61});
  CAF_CHECK_EQUAL(sessions(), 0u);
}

CAF_TEST(who is gone before its session is found does not keep it alive) {
  for (std::size_t number : {std::size_t{0}, std::size_t{1}}) {
    auto& first = enter();
    auto heard = first.heard();
    first.breaks();
    auto& second = connect(number);
    second.says(connect_again(heard));
    second.breaks();
    run();
    CAF_CHECK_EQUAL(sessions(), 1u);
    at.pass(seconds{61});
    CAF_CHECK_EQUAL(sessions(), 0u);
  }
}

CAF_TEST(an offset that was never given opens nothing) {
  auto& first = enter();
  auto heard = first.heard();
  for (const auto* offset : {"\"not an offset\"", "\"1.2.3.4\"", "7", "{}"}) {
    auto& line = connect();
    line.says(R"(0{"pid":")" + member(heard, "pid") + R"(","offset":)" + offset
              + "}");
    run();
    CAF_CHECK(line.sent.starts_with("40{"));
    CAF_CHECK(member(line.sent, "sid") != member(heard, "sid"));
  }
  CAF_CHECK(!first.ended);
}

CAF_TEST_FIXTURE_SCOPE_END()
