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
    // SO_REUSEPORT would let a second server share the port in silence.
    tcp::acceptor probe{workers_.front()->loop().context()};
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

std::future<void> server::shut() {
  return on_each_loop([this](worker& host) {
    if (host.index() < listeners_.size())
      if (auto door = std::exchange(listeners_[host.index()], nullptr))
        door->close();
    host.shut(engineio::close_reason::going_away);
  });
}

std::future<void> server::release() {
  return on_each_loop([](worker& host) { host.release(); });
}

std::future<void> server::on_each_loop(std::function<void(worker&)> task) {
  struct progress {
    std::atomic<std::size_t> left;
    std::promise<void> done;
  };
  auto all = std::make_shared<progress>();
  all->left = workers_.size();
  if (workers_.empty())
    all->done.set_value();
  for (auto& host : workers_)
    net::post(host->loop().context(), [&host = *host, task, all] {
      task(host);
      if (--all->left == 0)
        all->done.set_value();
    });
  return all->done.get_future();
}

} // namespace observer::transport
