#pragma once

#include "tools/loadgen/client_loop.hpp"
#include "tools/loadgen/scenario.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <thread>

namespace observer::loadgen {

/// How far one thread is.
struct progress {
  std::size_t arrived = 0;
  std::size_t expected = 0;
  histogram recent; ///< units of the last second
};

/// A thread with its connections and its part of the scenario. The functions of
/// this class may be called from any thread, and return at once; what comes of
/// them is told to the listener.
class worker {
public:
  enum class news {
    set_up,   ///< everybody is in
    failed,   ///< somebody cannot come in
    complete, ///< the scenario has ended by itself
    drained,  ///< nothing is under way, or the time for it is over
    gone,     ///< so have the connections
  };

  /// Called on the worker's thread.
  struct listener {
    std::function<void(news)> on_news;
    std::function<void(progress)> on_progress; ///< once a second
  };

  worker(const target& where, const options& settings, share mine,
         listener tell);
  ~worker();

  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  void set_up();
  void begin(const window& measured);
  void stop(time_point end, milliseconds drain);
  void dismiss();

  /// Ends the thread; its results can be read then.
  void join();

  [[nodiscard]] const loadgen::scenario& scenario() const noexcept {
    return *scenario_;
  }

  [[nodiscard]] const recorder& records() const noexcept {
    return records_;
  }

private:
  void run();
  void tick();
  void drain(time_point deadline);
  void await_goodbyes(time_point deadline);

  const options& settings_;
  listener tell_;
  client_loop loop_;
  recorder records_;
  std::unique_ptr<loadgen::scenario> scenario_;
  net::steady_timer timer_;
  net::steady_timer ticker_;
  net::executor_work_guard<net::io_context::executor_type> busy_;
  std::thread thread_;
};

} // namespace observer::loadgen
