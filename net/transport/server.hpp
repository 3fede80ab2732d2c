#pragma once

#include "net/transport/door.hpp"
#include "net/transport/worker.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

namespace observer::transport {

class listener;

/// An HTTP and Engine.IO server on several loops. Each loop has its own
/// acceptor on the same port; the kernel spreads connections over them.
class server {
public:
  /// @param settings must outlive the server.
  explicit server(const options& settings);
  explicit server(const options&&) = delete;
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Adds a loop. All loops are added before `listen`.
  /// @param serve_http answers what is on no endpoint's path.
  void add_worker(net::io_context& context, std::vector<endpoint> endpoints,
                  http::handler serve_http);

  /// Opens the doors.
  /// @returns where it listens; the port is a real one, also if 0 was asked.
  /// @throws std::runtime_error the address cannot be had
  tcp::endpoint listen(const tcp::endpoint& where);

  /// Shuts the doors and ends all connections, on their loops: nobody comes in
  /// after that, and nobody is told anything. Clients see a line that breaks,
  /// and come back by themselves once there is a server again. Any thread.
  /// @returns is ready when it is done.
  std::future<void> shut();

  /// Gives up everything that belongs to a loop, as the last thing before the
  /// loops stop. The loops must go before the server, because what is under way
  /// refers to it. Any thread.
  /// @returns is ready when it is done.
  std::future<void> release();

  [[nodiscard]] worker& worker_at(std::size_t index) noexcept {
    return *workers_[index % workers_.size()];
  }

  /// Who may come in.
  [[nodiscard]] transport::door& door() noexcept {
    return *door_;
  }

  /// How often its limits were met.
  [[nodiscard]] limit_counts& met() noexcept {
    return met_;
  }

private:
  /// Has `task` run for each worker on its loop, and `then` on the last of
  /// them.
  void on_each_loop(std::function<void(worker&)> task,
                    std::function<void()> then);

  const options& options_;
  limit_counts met_;
  std::shared_ptr<transport::door> door_
    = std::make_shared<transport::door>(options_, met_);
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::shared_ptr<listener>> listeners_; ///< one a worker, on its
                                                     ///< loop
};

} // namespace observer::transport
