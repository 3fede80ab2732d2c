#include "actors/runtime/loops.hpp"

#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <atomic>
#include <thread>

namespace observer::runtime {

namespace {

/// What an actor that blocks may take for one message.
constexpr auto patience_with_blocking = std::chrono::seconds{1};

/// CAF's view of the loops. Takes the place of its own scheduler, which the
/// actor system installs only if no module claims the slot.
class loops_coordinator final : public caf::scheduler::abstract_coordinator {
public:
  loops_coordinator(caf::actor_system& system,
                    std::vector<std::unique_ptr<loop>>& all, std::size_t count)
    : abstract_coordinator(system),
      all_(all),
      count_(count) {
  }

  /// For actors of CAF itself; ours are pinned and never come here.
  void enqueue(caf::resumable* job) override {
    auto turn = next_.fetch_add(1, std::memory_order_relaxed);
    all_[turn % count_]->exec_later(job); // not those that block
  }

  caf::actor_clock& clock() noexcept override {
    return clock_;
  }

protected:
  void start() override {
    for (auto& each : all_) {
      each->attach(system());
      threads_.emplace_back([&each] { each->run(); });
    }
    clock_thread_ = std::thread{[this] { clock_.run_dispatch_loop(); }};
    abstract_coordinator::start(); // the printer behind CAF's aout
  }

  void stop() override {
    stop_actors();
    for (auto& each : all_)
      each->stop();
    for (auto& thread : threads_)
      thread.join();
    for (auto& each : all_)
      each->clear(&abstract_coordinator::cleanup_and_release);
    clock_.cancel_dispatch_loop();
    clock_thread_.join();
  }

private:
  std::vector<std::unique_ptr<loop>>& all_;
  std::size_t count_;
  std::atomic<std::size_t> next_{0};
  std::vector<std::thread> threads_;
  std::thread clock_thread_;
  caf::detail::thread_safe_actor_clock clock_;
};

} // namespace

loops::loops(std::size_t count, std::size_t blocking,
             std::chrono::milliseconds busy_poll)
  : count_(count) {
  auto all = count + blocking;
  for (std::size_t i = 0; i < count; ++i)
    all_.push_back(std::make_unique<loop>(i, all, busy_poll));
  for (std::size_t i = count; i < all; ++i)
    all_.push_back(std::make_unique<loop>(i, all, std::chrono::milliseconds{},
                                          patience_with_blocking));
}

void loops::install(caf::actor_system_config& config) {
  config.module_factories.push_back(
    [this](caf::actor_system& system) -> caf::actor_system::module* {
      return new loops_coordinator(system, all_, count_);
    });
}

} // namespace observer::runtime
