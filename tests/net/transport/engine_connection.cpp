#include "net/transport/engine_connection.hpp"

#include "net/transport/server.hpp"

#define CAF_SUITE net.transport.engine_connection
#include "tests/test.hpp"

using namespace observer;
using engineio::close_reason;

namespace {

/// A request without a wire.
struct exchange_double final : transport::http_exchange {
  [[nodiscard]] const http::request& request() const override {
    return in;
  }

  void respond(http::response out) override {
    if (!answer)
      answer = std::move(out);
  }

  http::request in;
  std::optional<http::response> answer;
};

/// What an application does with its connection.
struct handler_double final : transport::connection_handler {
  using action = std::function<void(transport::connection&)>;

  handler_double(transport::connection& below, action open, action message,
                 std::vector<close_reason>& ends)
    : connection(below),
      when_open(std::move(open)),
      when_message(std::move(message)),
      reasons(ends) {
  }

  void on_open() override {
    call(when_open);
  }

  void on_message(std::string_view, bool) override {
    ++heard;
    call(when_message);
  }

  void on_closed(close_reason reason) override {
    reasons.push_back(reason);
  }

  /// Whatever it does, it is there afterwards and has not been called.
  void call(const action& what) {
    auto before = reasons.size();
    if (what)
      what(connection);
    CAF_CHECK_EQUAL(reasons.size(), before);
  }

  transport::connection& connection;
  action when_open;
  action when_message;
  std::vector<close_reason>& reasons;
  std::size_t heard = 0;
};

struct fixture {
  boost::asio::io_context loop;
  transport::options options;
  handler_double::action when_open;
  handler_double::action when_message;
  std::vector<close_reason> reasons;
  std::weak_ptr<handler_double> handler;
  transport::endpoint where;
  std::optional<transport::server> front;

  fixture() {
    options.queue_bytes = 100;
    where.path = "/socket.io/";
    where.make_handler = [this](transport::connection& below,
                                const http::request&) {
      auto result = std::make_shared<handler_double>(below, when_open,
                                                     when_message, reasons);
      handler = result;
      return result;
    };
    front.emplace(options);
    front->add_worker(loop, {where}, nullptr);
  }

  ~fixture() {
    worker().release();
    loop.poll();
  }

  transport::worker& worker() {
    return front->worker_at(0);
  }

  /// A session on polling, which its worker alone holds.
  transport::engine_connection& open() {
    auto made = std::make_shared<transport::engine_connection>(
      worker(), where, engineio::protocol::v4, engineio::transport::polling,
      "192.0.2.1", transport::door::visitor{});
    made->open_polling(std::make_shared<exchange_double>(), {});
    return *made;
  }

  static void post(transport::engine_connection& to, std::string body) {
    auto exchange = std::make_shared<exchange_double>();
    exchange->in.body() = std::move(body);
    to.post(exchange);
  }

  static void say(transport::connection& to, std::size_t bytes) {
    to.send(engineio::outgoing::make(engineio::packet_type::message,
                                     std::string(bytes, 'x')));
  }

  static void say_too_much(transport::connection& to) {
    say(to, 60);
    say(to, 60);
  }

  static void leave(transport::connection& to) {
    to.close(close_reason::server_close);
  }
};

using reason_list = std::vector<close_reason>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(engine_connection_tests, fixture)

CAF_TEST(who sends more than the client takes hears of the end later) {
  when_message = say_too_much;
  auto& session = open();
  post(session, "4x");
  CAF_CHECK(reasons.empty());
  CAF_CHECK(!handler.expired());
  loop.poll();
  CAF_CHECK(reasons == reason_list{close_reason::slow_reader});
  CAF_CHECK(handler.expired());
}

CAF_TEST(so does who closes and nothing is heard behind that) {
  when_message = leave;
  auto& session = open();
  post(session, "4x\x1e"
                "4y");
  CAF_CHECK(!handler.expired());
  CAF_CHECK_EQUAL(handler.lock()->heard, 1u);
  loop.poll();
  CAF_CHECK(reasons == reason_list{close_reason::server_close});
  CAF_CHECK(handler.expired());
}

CAF_TEST(so does who ends it at its opening) {
  for (auto* action : {say_too_much, leave}) {
    when_open = action;
    open();
    CAF_CHECK(!handler.expired());
    loop.restart(); // it was out of work
    loop.poll();
    CAF_CHECK(handler.expired());
  }
  CAF_CHECK(
    reasons
    == (reason_list{close_reason::slow_reader, close_reason::server_close}));
}

CAF_TEST(so does who does it from outside) {
  auto& session = open();
  say_too_much(session);
  leave(session);
  CAF_CHECK(reasons.empty());
  loop.poll();
  CAF_CHECK(reasons == reason_list{close_reason::slow_reader});
}

CAF_TEST(one event larger than the queue waits to be read) {
  auto& session = open();
  say(session, 390);
  say(session, 40);
  say(session, 40);
  loop.poll();
  CAF_CHECK(reasons.empty());
  say(session, 40);
  loop.restart();
  loop.poll();
  CAF_CHECK(reasons == reason_list{close_reason::slow_reader});
}

CAF_TEST(larger than four queues is too large in any case) {
  auto& session = open();
  say(session, 500);
  loop.poll();
  CAF_CHECK(reasons == reason_list{close_reason::slow_reader});
}

CAF_TEST(a second one behind it is too much) {
  auto& session = open();
  say(session, 60);
  say(session, 390);
  say(session, 390);
  loop.poll();
  CAF_CHECK(reasons == reason_list{close_reason::slow_reader});
}

CAF_TEST(once it is read the queue is as long as before) {
  auto& session = open();
  say(session, 390);
  session.poll(std::make_shared<exchange_double>());
  CAF_CHECK_EQUAL(session.queued_bytes(), 0u);
  say_too_much(session);
  loop.poll();
  CAF_CHECK(reasons == reason_list{close_reason::slow_reader});
}

CAF_TEST(a loop ends its sessions once all others have fallen silent) {
  boost::asio::io_context another;
  transport::server both{options};
  both.add_worker(loop, {where}, nullptr);
  both.add_worker(another, {where}, nullptr);
  auto session = std::make_shared<transport::engine_connection>(
    both.worker_at(0), where, engineio::protocol::v4,
    engineio::transport::polling, "192.0.2.1", transport::door::visitor{});
  session->open_polling(std::make_shared<exchange_double>(), {});
  auto shut = both.shut();
  loop.poll();
  CAF_CHECK(reasons.empty());
  CAF_MESSAGE("but nobody is told anything any more");
  say(*session, 40);
  CAF_CHECK_EQUAL(session->queued_bytes(), 0u);
  another.poll();
  loop.restart();
  loop.poll();
  CAF_CHECK(reasons == reason_list{close_reason::going_away});
  another.restart();
  another.poll();
  CAF_CHECK(shut.wait_for(std::chrono::seconds{0})
            == std::future_status::ready);
  for (std::size_t i = 0; i < 2; ++i)
    both.worker_at(i).release();
  loop.restart();
  loop.poll();
}

CAF_TEST(an end under way is told before the loop is given up) {
  auto& session = open();
  leave(session);
  worker().release();
  CAF_CHECK(reasons == reason_list{close_reason::server_close});
  loop.poll();
  CAF_CHECK_EQUAL(reasons.size(), 1u);
}

CAF_TEST(who is behind is told of once and once more at the end) {
  std::string told;
  options.on_backlog = [&](const transport::connection&, std::size_t waiting,
                           bool behind) {
    told += behind ? "behind(" + std::to_string(waiting) + ") " : "over ";
  };
  auto& who = open();
  say(who, 40);
  CAF_CHECK_EQUAL(told, "");
  say(who, 20); // with what else a payload has
  say(who, 20);
  CAF_CHECK_EQUAL(told, "behind(66) ");
  say(who, 60); // over the limit
  CAF_CHECK_EQUAL(told, "behind(66) over ");
  say(who, 60); // whoever has not heard of the end yet
  CAF_CHECK_EQUAL(told, "behind(66) over ");
}

CAF_TEST_FIXTURE_SCOPE_END()
