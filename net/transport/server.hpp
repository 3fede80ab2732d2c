#pragma once

#include "net/transport/door.hpp"
#include "net/transport/worker.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
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

  /// Shuts the doors; connections that are inside stay. Any thread.
  void stop_listening();

  /// Ends all connections, on their loops. Any thread.
  void close_all(engineio::close_reason reason);

  /// Gives up everything that belongs to a loop, as the last thing before the
  /// loops stop. Waits for each loop, but not for ever.
  void release();

  /// The same without waiting, for who is on the loop himself. The loop must go
  /// before the server, because what is under way refers to it.
  void release_later();

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
  const options& options_;
  limit_counts met_;
  std::shared_ptr<transport::door> door_
    = std::make_shared<transport::door>(options_, met_);
  std::vector<std::unique_ptr<worker>> workers_;
  std::vector<std::shared_ptr<listener>> listeners_;
};

} // namespace observer::transport
