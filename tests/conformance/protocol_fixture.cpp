#include "tests/conformance/fixture.hpp"

#include <boost/asio/steady_timer.hpp>

#include <memory>

namespace observer::conformance {

namespace {

using std::chrono::milliseconds;

transport::options short_heartbeat(const variants& how) {
  auto result = open_to_all(how);
  result.engine.ping_interval = milliseconds{300};
  result.engine.ping_timeout = milliseconds{200};
  result.engine.max_payload = 1'000'000;
  return result;
}

sio::server_options short_connect() {
  sio::server_options result;
  result.protocol.connect_timeout = milliseconds{1000};
  return result;
}

/// The suite waits for one message after the other, and misses the second one
/// where both come in one read: `auth` keeps a distance from the CONNECT
/// answer.
constexpr auto auth_delay = milliseconds{10};

class protocol_fixture final : public fixture {
public:
  protocol_fixture(net::io_context& loop, const ports& where,
                   const variants& how)
    : io_(loop, short_connect()) {
    set_up(loop, io_.of("/"));
    set_up(loop, io_.of("/custom"));
    auto make_echo = [](transport::connection& below, const http::request&) {
      return std::make_shared<echo>(below);
    };
    std::vector<transport::endpoint> endpoints{{"/engine.io/", make_echo},
                                               io_.at("/socket.io/")};
    front_.emplace(loop, short_heartbeat(how), std::move(endpoints),
                   where.engine);
  }

  void close() override {
    front_->close();
    io_.close();
  }

private:
  static void set_up(net::io_context& loop, sio::nsp& where) {
    where
      .on_connection([&loop](sio::socket& client) {
        auto timer = std::make_shared<net::steady_timer>(loop, auth_delay);
        timer->async_wait([timer, entered = client.shared_from_this()](auto) {
          entered->emit("auth", sio::message{entered->handshake().auth});
        });
      })
      .on("message", [](sio::socket& from, sio::message& said,
                        const sio::ack&) { from.emit("message-back", said); })
      .on("message-with-ack", [](sio::socket&, sio::message& said,
                                 sio::ack answer) { answer(said); });
  }

  sio::server io_;
  std::optional<front> front_;
};

} // namespace

std::unique_ptr<fixture> make_protocol_fixture(net::io_context& loop,
                                               const ports& where,
                                               const variants& how) {
  return std::make_unique<protocol_fixture>(loop, where, how);
}

} // namespace observer::conformance
