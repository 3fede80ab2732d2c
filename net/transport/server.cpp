#include "net/transport/server.hpp"

#include "net/transport/listener.hpp"

#include <boost/asio/post.hpp>

#include <future>
#include <sstream>
#include <stdexcept>

namespace observer::transport {

namespace {

constexpr auto release_timeout = std::chrono::seconds{1};

} // namespace

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
    tcp::acceptor probe{workers_.front()->context()};
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
    net::post(workers_[i]->context(), [door = listeners_[i]] { door->run(); });
  return actual;
} catch (const boost::system::system_error& error) {
  std::ostringstream what;
  what << "cannot listen on " << where << ": " << error.code().message();
  throw std::runtime_error{what.str()};
}

void server::stop_listening() {
  for (std::size_t i = 0; i < listeners_.size(); ++i)
    net::post(workers_[i]->context(),
              [door = std::move(listeners_[i])] { door->close(); });
  listeners_.clear();
}

void server::close_all(engineio::close_reason reason) {
  for (auto& host : workers_)
    net::post(host->context(), [&host, reason] { host->close_all(reason); });
}

void server::release_later() {
  for (auto& host : workers_)
    net::post(host->context(), [&host] { host->release(); });
}

void server::release() {
  for (auto& host : workers_) {
    auto released = std::make_shared<std::promise<void>>();
    auto done = released->get_future();
    net::post(host->context(), [&host, released] {
      host->release();
      released->set_value();
    });
    done.wait_for(release_timeout);
  }
}

} // namespace observer::transport
