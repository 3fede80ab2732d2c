#pragma once

#include "net/transport/connection_handler.hpp"
#include "net/transport/net.hpp"
#include "net/transport/options.hpp"
#include "net/transport/refusal_log.hpp"
#include "net/transport/timer_queue.hpp"
#include "net/transport/websocket_shared.hpp"

#include <boost/asio/io_context.hpp>

#include <array>
#include <functional>
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
class uring;

/// Something that has bytes to send when the loop's turn ends.
class flushable {
public:
  virtual ~flushable() = default;

  /// Writes, or asks the worker's ring to, which is told to go on afterwards.
  virtual void flush() = 0;
};

/// The part of a server that lives on one loop: its connections and deadlines.
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

  [[nodiscard]] net::io_context& context() noexcept {
    return context_;
  }

  [[nodiscard]] timer_queue& timers() noexcept {
    return timers_;
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

  // -- reading and writing ----------------------------------------------------

  /// The loop's io_uring; null if it has none, or must not use it.
  [[nodiscard]] uring* ring();

  /// For whoever reads next. Nothing in it stays.
  [[nodiscard]] std::array<char, 64 * 1024>& read_buffer() {
    return *read_buffer_;
  }

  /// Flushes `what` once everything that is ready now has run: whatever was
  /// queued by then leaves in one write.
  void flush_later(std::shared_ptr<flushable> what);

  /// Runs `what` once all that is under way has returned: so an end can be told
  /// to somebody who may be in the midst of something.
  void run_later(std::function<void()> what);

private:
  void flush_all();
  void run_all();

  server& parent_;
  std::size_t index_;
  net::io_context& context_;
  const transport::options& options_;
  std::vector<endpoint> endpoints_;
  http::handler serve_http_;
  timer_queue timers_;
  refusal_log refusals_;
  std::unordered_map<std::string, std::shared_ptr<engine_connection>> sessions_;
  std::unordered_set<http_stream*> http_streams_;
  std::vector<std::shared_ptr<flushable>> dirty_;
  std::vector<std::function<void()>> later_;
  websocket_shared websockets_;
  std::shared_ptr<uring> ring_;
  bool ring_asked_for_ = false;
  std::unique_ptr<std::array<char, 64 * 1024>> read_buffer_;
  bool shut_ = false;
  bool released_ = false;
};

} // namespace observer::transport
