#pragma once

#include "net/io/backend.hpp"
#include "net/io/net.hpp"
#include "net/io/timer_queue.hpp"

#include <boost/asio/io_context.hpp>

#include <array>
#include <functional>
#include <memory>
#include <vector>

namespace observer::io {

class channel;
class uring;

/// One event loop's reading and writing: what the channels on it share. Used on
/// its thread only.
class loop {
public:
  using buffer = std::array<char, 64 * 1024>;

  /// @param context runs the loop, and must outlive it.
  loop(net::io_context& context, backend how);
  ~loop();

  loop(const loop&) = delete;
  loop& operator=(const loop&) = delete;

  [[nodiscard]] net::io_context& context() noexcept {
    return context_;
  }

  /// All deadlines of the loop.
  [[nodiscard]] timer_queue& timers() noexcept {
    return timers_;
  }

  /// Its io_uring; null if it has none, or must not use it.
  [[nodiscard]] uring* ring();

  /// For whoever reads next. Nothing in it stays.
  [[nodiscard]] buffer& read_buffer() noexcept {
    return *read_buffer_;
  }

  /// Flushes `what` once everything that is ready now has run: whatever was
  /// queued by then leaves in one write.
  void flush_later(std::shared_ptr<channel> what);

  /// Runs `what` once all that is under way has returned: so an end can be told
  /// to somebody who may be in the midst of something.
  void run_later(std::function<void()> what);

  /// Runs what waits to run, and gives up all else: nothing is flushed, read or
  /// called at a deadline from here on.
  void release();

  [[nodiscard]] bool is_released() const noexcept {
    return released_;
  }

private:
  void flush_all();
  void run_all();

  net::io_context& context_;
  backend backend_;
  timer_queue timers_;
  std::unique_ptr<buffer> read_buffer_ = std::make_unique<buffer>();
  std::shared_ptr<uring> ring_;
  std::vector<std::shared_ptr<channel>> dirty_; ///< wait to be flushed
  std::vector<std::function<void()>> later_;
  bool ring_asked_for_ = false;
  bool released_ = false;
};

} // namespace observer::io
