#pragma once

#include "net/io/net.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <optional>

namespace observer::io {

/// The next multiple of `grid` since the clock's epoch, or `when` itself. For
/// deadlines that may be a little late: a loop then wakes up once for many.
[[nodiscard]] inline std::chrono::steady_clock::time_point
round_up(std::chrono::steady_clock::time_point when,
         std::chrono::steady_clock::duration grid) {
  if (grid <= grid.zero())
    return when;
  auto past = when.time_since_epoch() % grid;
  return past == grid.zero() ? when : when + (grid - past);
}

/// All deadlines of one loop behind a single timer: a connection costs one map
/// entry, not one timer of the kernel's or of Asio's.
class timer_queue {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using callback = std::function<void()>;

  class handle;

  /// What happens at a deadline, and whose it is.
  struct entry {
    handle* owner;
    callback what;
  };

  using entries = std::multimap<time_point, entry>;

  /// Names a deadline that is still to come. Default: none.
  class handle {
  public:
    explicit operator bool() const noexcept {
      return set_;
    }

    /// When it comes. There must be one.
    [[nodiscard]] time_point due() const {
      return where_->first;
    }

  private:
    friend class timer_queue;
    entries::iterator where_;
    bool set_ = false;
  };

  explicit timer_queue(net::io_context& context)
    : timer_(std::in_place, context) {
  }

  /// Sets `which` to call `what` at `when`, instead of what it was set to.
  /// The handle must be cancelled before it goes out of scope.
  void set(handle& which, time_point when, callback what);

  void cancel(handle& which);

  /// Cancels everything, for good: what is set from here on never comes.
  void close();

private:
  void arm();
  void on_time();

  std::optional<net::steady_timer> timer_; ///< empty once closed
  entries entries_;
  time_point armed_for_ = time_point::max();
};

} // namespace observer::io
