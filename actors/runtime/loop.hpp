#pragma once

#include "actors/runtime/clock.hpp"

#include <caf/actor_system.hpp>
#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <deque>
#include <list>
#include <memory>
#include <vector>

namespace observer::runtime {

/// One thread that runs both sockets (an `io_context`) and the actors that are
/// pinned to it (a CAF execution unit). Between the two there is no lock and
/// no wake-up.
///
/// ~~~
///  same loop      ──────────────▶ ready_ ─┐
///  another loop ─▶ its outbox ─▶ inbox_ ──┼─▶ run_ready() ─▶ actor.resume()
///  other thread ────────────────▶ inbox_ ─┘
/// ~~~
class loop final : public caf::execution_unit, public clock {
public:
  /// What is brought to the cache of an actor before it runs, from its
  /// `resumable`: all of a session, and the part of others that CAF touches for
  /// every message.
  static constexpr std::ptrdiff_t prefetch_begin = -128;
  static constexpr std::ptrdiff_t prefetch_end = 1408;

  /// @param index position among `count` loops.
  /// @param busy_poll how long the thread looks for work before it sleeps.
  /// @param patience how long its actors may take for one message.
  loop(std::size_t index, std::size_t count,
       std::chrono::milliseconds busy_poll = {},
       std::chrono::milliseconds patience = std::chrono::milliseconds{100});
  ~loop() override;

  /// The loop that runs on this thread; null elsewhere.
  [[nodiscard]] static loop* current() noexcept;

  [[nodiscard]] std::size_t index() const noexcept {
    return index_;
  }

  [[nodiscard]] boost::asio::io_context& context() noexcept {
    return *context_;
  }

  // -- scheduling (any thread) ------------------------------------------------

  /// Queues an actor to run here.
  void exec_later(caf::resumable* job) override;

  // -- being watched (any thread) ---------------------------------------------

  /// From that on a handler counts as slow.
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept {
    return patience_;
  }

  /// Has `pongs` count one more as soon as the loop gets to it. Not after
  /// `clear`.
  void ping();

  [[nodiscard]] std::uint64_t pongs() const noexcept {
    return pongs_.load(std::memory_order_acquire);
  }

  /// The actor that runs; 0: none.
  [[nodiscard]] caf::actor_id running() const noexcept {
    return running_.load(std::memory_order_relaxed);
  }

  /// For actors, on this loop's thread.
  void now_runs(caf::actor_id who) noexcept {
    running_.store(who, std::memory_order_relaxed);
  }

  // -- lifecycle --------------------------------------------------------------

  /// Ties this loop to its actor system. Call before `run`.
  void attach(caf::actor_system& system) noexcept {
    system_ = &system;
  }

  /// Runs until `stop`.
  void run();

  /// CPU time of the thread that runs it; zero while none does. Any thread.
  [[nodiscard]] std::chrono::nanoseconds cpu_time() const noexcept;

  /// Makes `run` return soon. Any thread.
  void stop();

  /// After `run`: drops timers, sockets and queued handlers, then hands each
  /// actor that is still queued to `cleanup`.
  void clear(void (*cleanup)(caf::resumable*));

  // -- implementation of clock ------------------------------------------------

  [[nodiscard]] timestamp now() const override;
  [[nodiscard]] monotonic steady_now() const override;
  void wake_at(monotonic when, caf::actor_addr who) override;

private:
  static constexpr clockid_t no_clock = -1;

  struct node {
    caf::resumable* job;
    node* next;
  };

  void poll_busily();
  void push_inbox(node* first, node* last);
  void take_inbox();
  void schedule_turn();
  void turn();
  void run_ready();
  void hand_over();

  std::size_t index_;
  std::chrono::milliseconds busy_poll_;
  std::chrono::milliseconds patience_;
  std::atomic<caf::actor_id> running_{0};
  std::atomic<std::uint64_t> pongs_{0};
  std::unique_ptr<boost::asio::io_context> context_; ///< null after `clear`
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
    guard_;
  std::deque<caf::resumable*> ready_;
  /// Jobs for other loops, handed over once a turn, by loop index.
  std::vector<std::vector<caf::resumable*>> outbox_;
  std::vector<loop*> peers_;
  /// Jobs from other threads, newest first.
  std::atomic<node*> inbox_{nullptr};
  std::list<boost::asio::steady_timer> timers_;
  /// The thread's clock; `no_clock` while none runs.
  std::atomic<clockid_t> cpu_clock_{no_clock};
  bool turn_scheduled_ = false;
  bool in_turn_ = false;
};

} // namespace observer::runtime
