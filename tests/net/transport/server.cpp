#include "net/transport/server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <thread>

#define CAF_SUITE net.transport.server
#include "tests/test.hpp"

using namespace observer;
using boost::asio::ip::tcp;

namespace {

const auto loopback = boost::asio::ip::address_v4::loopback();

/// A loop that is awake, as it is when a server begins to listen.
struct fixture {
  boost::asio::io_context loop;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
    loop.get_executor()};
  transport::options options;
  std::optional<transport::server> front;
  std::jthread thread;

  fixture() {
    options.backend = io::backend::epoll;
    front.emplace(options);
    front->add_worker(loop, {}, nullptr);
    thread = std::jthread{[this] { loop.run(); }};
    turn();
    std::promise<void> runs;
    boost::asio::post(loop, [&] { runs.set_value(); });
    runs.get_future().wait();
  }

  /// The loop asks for events all the time.
  void turn() {
    boost::asio::post(loop, [this] { turn(); });
  }

  /// @returns why it cannot
  std::string listen(const tcp::endpoint& where) {
    try {
      front->listen(where);
      return {};
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }

  ~fixture() {
    front->shut().wait();
    front->release().wait();
    loop.stop();
    thread.join();
  }
};

/// A port that nobody has, and for which nobody has been asked yet.
std::uint16_t free_port() {
  boost::asio::io_context context;
  tcp::acceptor probe{context, {loopback, 0}};
  return probe.local_endpoint().port();
}

} // namespace

CAF_TEST(a port that is free can be listened on whatever the loops do) {
  for (int i = 0; i < 1500; ++i) {
    fixture at;
    CAF_REQUIRE_EQUAL(at.listen({loopback, free_port()}), "");
  }
}

CAF_TEST(a port that somebody has is refused) {
  fixture at;
  fixture other;
  tcp::endpoint where{loopback, free_port()};
  CAF_CHECK_EQUAL(at.listen(where), "");
  CAF_CHECK(other.listen(where).ends_with("Address already in use"));
}
