#include "net/transport/listener.hpp"

#include "net/transport/http_connection.hpp"
#include "net/transport/server.hpp"
#include "net/transport/worker.hpp"

#include <boost/asio/error.hpp>

#include <spdlog/spdlog.h>

#include <sys/socket.h>
#include <utility>

namespace observer::transport {

namespace {

using reuse_port
  = net::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

/// Connections that the kernel may hold until they are accepted.
constexpr int backlog = 4096;

bool is_loopback(const tcp::socket& socket) {
  error_code ignored;
  auto address = socket.local_endpoint(ignored).address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6());
  return address.is_loopback();
}

/// Out of descriptors, accepting at once would fail at once.
constexpr auto retry_after = std::chrono::milliseconds{100};

} // namespace

listener::listener(worker& host)
  : host_(host),
    acceptor_(host.loop().context()) {
}

listener::~listener() {
  host_.timers().cancel(retry_);
}

tcp::endpoint listener::open(const tcp::endpoint& where) {
  acceptor_.open(where.protocol());
  acceptor_.set_option(net::socket_base::reuse_address(true));
  acceptor_.set_option(reuse_port(true));
  acceptor_.bind(where);
  acceptor_.listen(backlog);
  return acceptor_.local_endpoint();
}

void listener::run() {
  accept();
}

void listener::close() {
  host_.timers().cancel(retry_);
  error_code ignored;
  acceptor_.close(ignored);
}

void listener::accept() {
  acceptor_.async_accept(
    [self = shared_from_this()](error_code error, tcp::socket socket) {
      self->on_accept(error, std::move(socket));
    });
}

void listener::on_accept(error_code error, tcp::socket socket) {
  if (error == net::error::operation_aborted || !acceptor_.is_open())
    return;
  if (error) {
    ++host_.parent().met().descriptors;
    if (!std::exchange(starved_, true))
      spdlog::warn("transport.accept_failed what={:?}", error.message());
    host_.timers().set(retry_, std::chrono::steady_clock::now() + retry_after,
                       [this] { accept(); });
    return;
  }
  if (std::exchange(starved_, false))
    spdlog::info("transport.accepts_again");
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  auto peer = socket.remote_endpoint(error);
  if (!error) {
    client_address address{peer.address().to_string(), is_loopback(socket)};
    if (auto pass = host_.parent().door().accept(address.text))
      std::make_shared<http_connection>(host_, std::move(socket),
                                        std::move(address), std::move(*pass))
        ->start();
  }
  accept();
}

} // namespace observer::transport
