#include "net/transport/server.hpp"

#include "net/transport/listener.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace observer::transport {

server::server(const options& settings) : options_(settings) {
}

server::~server() = default;

void server::add_worker(net::io_context& context,
                        std::vector<endpoint> endpoints,
                        http::handler serve_http) {
  workers_.push_back(std::make_unique<worker>(*this, workers_.size(), context,
                                              options_, std::move(endpoints),
                                              std::move(serve_http)));
}

tcp::endpoint server::listen(const tcp::endpoint& where) try {
  auto actual = where;
  {
    // SO_REUSEPORT would let a second server share the port in silence. Nobody
    // else may know of this socket: a thread that waits for events at it holds
    // it for a moment (Linux since 6.10), and it is not closed when `close` is.
    net::io_context alone;
    tcp::acceptor probe{alone};
    probe.open(where.protocol());
    probe.set_option(net::socket_base::reuse_address(true));
    probe.bind(where);
    probe.listen();
  }
  for (auto& host : workers_) {
    auto door = std::make_shared<listener>(*host);
    actual = door->open(actual);
    listeners_.push_back(std::move(door));
  }
  for (std::size_t i = 0; i < workers_.size(); ++i)
    net::post(workers_[i]->loop().context(),
              [door = listeners_[i]] { door->run(); });
  return actual;
} catch (const boost::system::system_error& error) {
  std::ostringstream what;
  what << "cannot listen on " << where << ": " << error.code().message();
  throw std::runtime_error{what.str()};
}

/// In two rounds: what ends on one loop is news for the others, so these must
/// have fallen silent before.
std::future<void> server::shut() {
  auto done = std::make_shared<std::promise<void>>();
  on_each_loop(
    [this](worker& host) {
      if (host.index() < listeners_.size())
        if (auto door = std::exchange(listeners_[host.index()], nullptr))
          door->close();
      host.fall_silent();
    },
    [this, done] {
      on_each_loop(
        [](worker& host) { host.shut(engineio::close_reason::going_away); },
        [done] { done->set_value(); });
    });
  return done->get_future();
}

std::future<void> server::release() {
  auto done = std::make_shared<std::promise<void>>();
  on_each_loop([](worker& host) { host.release(); },
               [done] { done->set_value(); });
  return done->get_future();
}

void server::on_each_loop(std::function<void(worker&)> task,
                          std::function<void()> then) {
  if (workers_.empty())
    return then();
  auto left = std::make_shared<std::atomic<std::size_t>>(workers_.size());
  for (auto& host : workers_)
    net::post(host->loop().context(), [&host = *host, task, then, left] {
      task(host);
      if (--*left == 0)
        then();
    });
}

} // namespace observer::transport
