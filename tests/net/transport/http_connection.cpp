#include "net/transport/http_connection.hpp"

#include "net/transport/engine_connection.hpp"
#include "net/transport/server.hpp"
#include "tests/net/io/support.hpp"

#define CAF_SUITE net.transport.http_connection
#include "tests/test.hpp"

using namespace observer;
using namespace std::chrono_literals;

namespace {

struct handler_double final : transport::connection_handler {
  explicit handler_double(std::string& text) : heard(text) {
  }
  void on_open() override {
  }
  void on_message(std::string_view data, bool) override {
    heard += data;
  }
  void on_closed(engineio::close_reason) override {
    heard += " closed";
  }
  std::string& heard;
};

/// Clients on socket pairs, and an application that answers with the target.
struct fixture {
  boost::asio::io_context context;
  transport::options options;
  std::string heard;                               ///< by the application
  std::vector<http::responder> waiting;            ///< for `/later`
  std::function<void(transport::admission)> admit; ///< whoever waits for it
  std::optional<transport::server> front;
  std::weak_ptr<transport::http_connection> connection;
  io::line with;

  fixture() {
    options.backend = io::backend::epoll;
    options.idle_timeout = 1h;
    transport::endpoint open{"/engine.io/", [this](transport::connection&,
                                                   const http::request&) {
                               return std::make_shared<handler_double>(heard);
                             }};
    auto asking = open;
    asking.path = "/asking/";
    asking.admit = [this](const http::request&, const auto& answer) {
      admit = answer;
    };
    front.emplace(options);
    for (int i = 0; i < 2; ++i)
      front->add_worker(
        context, {open, asking},
        [this](const http::request& in, const http::responder& respond) {
          if (in.target() == "/later")
            waiting.push_back(respond);
          else
            respond(http::make_response(http::status::ok, "text/plain",
                                        std::string{in.target()}));
        });
    auto made = std::make_shared<transport::http_connection>(
      front->worker_at(0), with.near(context),
      transport::client_address{"192.0.2.1", false},
      *front->door().accept("192.0.2.1"));
    connection = made;
    made->start();
  }

  ~fixture() {
    ::close(with.ends[1]);
    run();
    waiting.clear();
    admit = nullptr;
    for (auto i : {0u, 1u})
      front->worker_at(i).release();
    run();
  }

  void run() {
    context.restart();
    context.poll();
  }

  std::string ask(std::string_view text) {
    with.say(text);
    run();
    return with.hear();
  }

  std::string get(std::string_view target, std::string_view more = "") {
    return ask("GET " + std::string{target} + " HTTP/1.1\r\nHost: x\r\n"
               + std::string{more} + "\r\n");
  }

  std::string post(const std::string& sid, const std::string& body) {
    return ask("POST /engine.io/?EIO=4&transport=polling&sid=" + sid
               + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
               + std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  static std::string body_of(const std::string& answer) {
    auto head = answer.find("\r\n\r\n");
    return head != std::string::npos ? answer.substr(head + 4) : "none";
  }

  /// Opens a session by polling.
  std::string open() {
    auto answer = get("/engine.io/?EIO=4&transport=polling");
    auto from = answer.find("sid\":\"") + 6;
    return answer.substr(from, answer.find('"', from) - from);
  }
};

constexpr std::string_view upgrade
  = "Connection: upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A frame of text, masked with zeros.
std::string frame(std::string_view text) {
  std::string result{"\x81"};
  result += static_cast<char>(0x80 | text.size());
  return result.append(4, '\0').append(text);
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(http_connection_tests, fixture)

CAF_TEST(one request after the other is answered on a connection) {
  CAF_CHECK_EQUAL(body_of(get("/a")), "/a");
  CAF_CHECK_EQUAL(body_of(get("/b")), "/b");
  CAF_CHECK_EQUAL(body_of(ask("HEAD /c HTTP/1.1\r\nHost: x\r\n\r\n")), "");
}

CAF_TEST(a request may come byte by byte) {
  std::string_view text = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
  std::string answer;
  for (auto c : text)
    answer += ask({&c, 1});
  CAF_CHECK_EQUAL(body_of(answer), "/a");
}

CAF_TEST(requests in one piece are answered in order) {
  std::string all;
  for (int i = 0; i < 1000; ++i)
    all += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  std::string answers;
  with.say(all);
  for (int i = 0; i < 100; ++i) {
    run();
    answers += with.hear();
  }
  std::size_t at = 0;
  for (int i = 0; i < 1000; ++i) {
    at = answers.find("\r\n\r\n/" + std::to_string(i), at);
    CAF_REQUIRE(at != std::string::npos);
  }
}

CAF_TEST(who asks for it hears the end behind the answer) {
  auto answer = get("/a", "Connection: close\r\n");
  CAF_CHECK_EQUAL(body_of(answer), "/a");
  CAF_CHECK(with.is_over());
  CAF_CHECK(!with.is_closed());
  ::shutdown(with.ends[1], SHUT_WR);
  run();
  CAF_CHECK_EQUAL(front->door().connections("192.0.2.1"), 0u);
}

CAF_TEST(who has said all still hears the answer) {
  with.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  ::shutdown(with.ends[1], SHUT_WR);
  run();
  CAF_CHECK_EQUAL(with.hear(), "");
  waiting.at(0)(http::make_response(http::status::ok, {}, "late"));
  run();
  CAF_CHECK_EQUAL(body_of(with.hear()), "late");
  CAF_CHECK(with.is_over());
}

CAF_TEST(what waits for its turn waits in the kernel beyond a limit) {
  with.say("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  run();
  std::string much(64 * 1024, 'x');
  std::size_t taken = 0;
  for (int i = 0; i < 100; ++i) {
    auto sent = ::send(with.ends[1], much.data(), much.size(), MSG_DONTWAIT);
    taken += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
    run();
  }
  CAF_CHECK(taken < much.size() * 20);
}

CAF_TEST(what is no request is answered and ends the connection) {
  auto answer = ask("What?\r\n\r\n");
  CAF_CHECK(answer.starts_with("HTTP/1.1 400 "));
  CAF_CHECK(with.is_over());
}

CAF_TEST(a head that takes too long ends the connection) {
  options.head_timeout = 1ms;
  io::line late;
  std::make_shared<transport::http_connection>(
    front->worker_at(0), late.near(context),
    transport::client_address{"192.0.2.1", false},
    *front->door().accept("192.0.2.1"))
    ->start();
  late.say("GET / HT");
  context.restart();
  context.run_for(50ms);
  CAF_CHECK(late.is_over());
  CAF_CHECK_EQUAL(front->met().head_time.load(), 1u);
  ::close(late.ends[1]);
}

CAF_TEST(a POST is served behind a poll that waits) {
  auto sid = open();
  CAF_CHECK_EQUAL(get("/engine.io/?EIO=4&transport=polling&sid=" + sid), "");
  CAF_CHECK_EQUAL(post(sid, "4Hello"), ""); // the poll's answer has its turn
  CAF_CHECK_EQUAL(heard, "Hello");
}

CAF_TEST(a poll whose client goes away ends the session) {
  auto sid = open();
  get("/engine.io/?EIO=4&transport=polling&sid=" + sid);
  ::shutdown(with.ends[1], SHUT_RDWR);
  run();
  CAF_CHECK_EQUAL(heard, " closed");
}

CAF_TEST(a WebSocket is the same channel) {
  auto answer = get("/engine.io/?EIO=4&transport=websocket", upgrade);
  CAF_CHECK(answer.starts_with("HTTP/1.1 101 "));
  CAF_CHECK(answer.find("\"sid\"") != std::string::npos);
  ask(frame("4Hello"));
  ask(frame("4again"));
  CAF_CHECK_EQUAL(heard, "Helloagain");
  ::shutdown(with.ends[1], SHUT_WR);
  run();
  CAF_CHECK_EQUAL(heard, "Helloagain closed");
}

CAF_TEST(what comes before a WebSocket is let in is heard behind that) {
  get("/asking/?EIO=4&transport=websocket", upgrade);
  CAF_CHECK_EQUAL(ask(frame("4early")), "");
  admit({});
  CAF_CHECK_EQUAL(heard, "");
  run();
  CAF_CHECK(with.hear().starts_with("HTTP/1.1 101 "));
  CAF_CHECK_EQUAL(heard, "early");
  ask(frame("4late"));
  CAF_CHECK_EQUAL(heard, "earlylate");
}

CAF_TEST(another version of WebSocket is refused with the one there is) {
  std::string other{upgrade};
  other.replace(other.find("13"), 2, "12");
  auto answer = get("/engine.io/?EIO=4&transport=websocket", other);
  CAF_CHECK(answer.starts_with("HTTP/1.1 426 "));
  CAF_CHECK(answer.find("Sec-WebSocket-Version: 13\r\n") != std::string::npos);
}

CAF_TEST(a connection moves to the loop of its session) {
  auto sid = open();
  CAF_REQUIRE_EQUAL(sid.back(), '0');
  io::line other;
  std::make_shared<transport::http_connection>(
    front->worker_at(1), other.near(context),
    transport::client_address{"192.0.2.1", false},
    *front->door().accept("192.0.2.1"))
    ->start();
  std::swap(other.ends, with.ends);
  CAF_CHECK_EQUAL(body_of(post(sid, "4moved")), "ok");
  CAF_CHECK_EQUAL(body_of(post(sid, "4there")), "ok");
  CAF_CHECK_EQUAL(heard, "movedthere");
  ::close(other.ends[1]);
}

CAF_TEST_FIXTURE_SCOPE_END()
