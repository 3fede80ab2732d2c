#pragma once

#include "actors/runtime/loop.hpp"

#include <caf/actor_system_config.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace observer::runtime {

/// All loops of the process, and the scheduler that they are to CAF.
class loops {
public:
  /// @param count how many, at least 1.
  /// @param busy_poll how long each looks for work before it sleeps; not the
  /// one for actors that block.
  loops(std::size_t count, std::chrono::milliseconds busy_poll);

  /// Makes an actor system that is built from `config` start and stop these
  /// loops instead of CAF's scheduler. Must outlive that system.
  void install(caf::actor_system_config& config);

  [[nodiscard]] std::size_t size() const noexcept {
    return all_.size() - 1;
  }

  [[nodiscard]] loop& operator[](std::size_t index) noexcept {
    return *all_[index];
  }

  /// One loop more, for actors that block, e.g. on a disk.
  [[nodiscard]] loop& blocking() noexcept {
    return *all_.back();
  }

private:
  std::vector<std::unique_ptr<loop>> all_;
};

} // namespace observer::runtime
