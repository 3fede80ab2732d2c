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
  /// @param blocking how many more for actors that block.
  /// @param busy_poll how long each looks for work before it sleeps; not those
  /// for actors that block.
  loops(std::size_t count, std::size_t blocking,
        std::chrono::milliseconds busy_poll);

  /// Makes an actor system that is built from `config` start and stop these
  /// loops instead of CAF's scheduler. Must outlive that system.
  void install(caf::actor_system_config& config);

  [[nodiscard]] std::size_t size() const noexcept {
    return count_;
  }

  /// With those for actors that block, which come last.
  [[nodiscard]] const std::vector<std::unique_ptr<loop>>& all() const noexcept {
    return all_;
  }

  [[nodiscard]] loop& operator[](std::size_t index) noexcept {
    return *all_[index];
  }

  /// A loop for an actor that blocks, e.g. on a disk.
  [[nodiscard]] loop& blocking(std::size_t index) noexcept {
    return *all_[count_ + index];
  }

private:
  std::size_t count_; ///< without those for actors that block
  std::vector<std::unique_ptr<loop>> all_;
};

} // namespace observer::runtime
