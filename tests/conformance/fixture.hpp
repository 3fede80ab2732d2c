#pragma once

#include "net/engineio/outgoing.hpp"
#include "net/sio/server.hpp"
#include "net/transport/server.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// Servers against which public conformance suites run (WIRE.md, "The fixture
/// servers"). They use nothing but the library in `net/`.
namespace observer::conformance {

namespace net = boost::asio;

/// What runs while the fixture does.
class fixture {
public:
  virtual ~fixture() = default;

  /// Ends all connections, on the loop; the loop is destroyed next.
  virtual void close() = 0;
};

struct ports {
  std::uint16_t engine = 3000;
  std::uint16_t socket = 3210; ///< mode `clients` only
};

/// What the wire can be told to do otherwise.
struct variants {
  bool allow_v3 = false;
};

/// `/engine.io/` and `/socket.io/` on `ports.engine`.
[[nodiscard]] std::unique_ptr<fixture>
make_protocol_fixture(net::io_context& loop, const ports& where,
                      const variants& how);

/// What the official clients' own test suites call.
[[nodiscard]] std::unique_ptr<fixture>
make_clients_fixture(net::io_context& loop, const ports& where,
                     const variants& how);

/// An Engine.IO connection that sends back what it gets.
class echo : public transport::connection_handler {
public:
  explicit echo(transport::connection& below) : connection_(below) {
  }

  void on_open() override {
    // The client speaks first.
  }

  void on_message(std::string_view data, bool binary) override {
    reply(data, binary);
  }

  void on_closed(engineio::close_reason) override {
    // Nothing is kept.
  }

protected:
  void reply(std::string_view data, bool binary) {
    connection_.send(binary ? engineio::outgoing::make_binary(data)
                            : engineio::outgoing::make_message(data));
  }

  transport::connection& connection_;
};

/// Serves endpoints on a port of 127.0.0.1.
class front {
public:
  front(net::io_context& loop, transport::options options,
        std::vector<transport::endpoint> endpoints, std::uint16_t port);

  void close();

private:
  transport::options options_;
  transport::server server_;
};

/// Options of a server that every web page may use, as fast as it likes.
[[nodiscard]] transport::options open_to_all(const variants& how);

} // namespace observer::conformance
