#pragma once

#include "net/io/loop.hpp"
#include "net/transport/connection_handler.hpp"
#include "net/transport/net.hpp"
#include "net/transport/options.hpp"
#include "net/transport/refusal_log.hpp"
#include "net/transport/websocket_shared.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace observer::transport {

class engine_connection;
class http_stream;
class server;

/// The part of a server that lives on one loop: its sessions and connections.
/// Used on that loop only, but for what says otherwise.
class worker {
public:
  worker(server& parent, std::size_t index, net::io_context& context,
         const transport::options& settings, std::vector<endpoint> endpoints,
         http::handler serve_http);
  ~worker();

  [[nodiscard]] std::size_t index() const noexcept {
    return index_;
  }

  [[nodiscard]] io::loop& loop() noexcept {
    return loop_;
  }

  /// Those of the loop.
  [[nodiscard]] io::timer_queue& timers() noexcept {
    return loop_.timers();
  }

  [[nodiscard]] const transport::options& options() const noexcept {
    return options_;
  }

  [[nodiscard]] server& parent() noexcept {
    return parent_;
  }

  /// The endpoint at the path of a request's target; null if there is none.
  /// With or without the last slash.
  [[nodiscard]] const endpoint* find_endpoint(std::string_view path) const;

  [[nodiscard]] const http::handler& serve_http() const noexcept {
    return serve_http_;
  }

  [[nodiscard]] refusal_log& refusals() noexcept {
    return refusals_;
  }

  // -- engine.io sessions -----------------------------------------------------

  void add(const std::string& sid, std::shared_ptr<engine_connection> session);
  void remove(const std::string& sid);
  [[nodiscard]] std::shared_ptr<engine_connection>
  find(const std::string& sid) const;

  // -- connections ------------------------------------------------------------

  /// Those that speak HTTP add and remove themselves.
  void add(http_stream& who);
  void remove(http_stream& who);

  /// Nobody is told anything any more, and whatever comes is sent away.
  void fall_silent() noexcept {
    shut_ = true;
  }

  /// Ends all sessions and connections.
  void shut(engineio::close_reason reason);

  [[nodiscard]] bool is_shut() const noexcept {
    return shut_;
  }

  /// Gives up what belongs to the loop, before the loop goes.
  void release();

  [[nodiscard]] websocket_shared& websockets() noexcept {
    return websockets_;
  }

private:
  server& parent_;
  std::size_t index_;
  const transport::options& options_;
  std::vector<endpoint> endpoints_;
  http::handler serve_http_;
  io::loop loop_;
  refusal_log refusals_;
  std::unordered_map<std::string, std::shared_ptr<engine_connection>> sessions_;
  std::unordered_set<http_stream*> http_streams_;
  websocket_shared websockets_;
  bool shut_ = false;
};

} // namespace observer::transport
