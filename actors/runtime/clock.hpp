#pragma once

#include "messages/ids.hpp"

#include <caf/actor_addr.hpp>

#include <chrono>
#include <cstdint>

namespace observer::runtime {

/// A time that has passed, as logs and figures have it.
[[nodiscard]] inline std::uint64_t whole_milliseconds(monotonic::duration x) {
  using std::chrono::milliseconds;
  return static_cast<std::uint64_t>(
    std::chrono::duration_cast<milliseconds>(x).count());
}

/// The time as actors know it. Production uses the loop's (`loop`), tests a
/// virtual one.
class clock {
public:
  virtual ~clock() = default;

  /// Civil time, for what clients see.
  [[nodiscard]] virtual timestamp now() const = 0;

  /// For durations and deadlines.
  [[nodiscard]] virtual monotonic steady_now() const = 0;

  /// Sends `wake_up` to `who` at `when`, if it still lives then. Must be called
  /// on the loop of `who`.
  virtual void wake_at(monotonic when, caf::actor_addr who) = 0;
};

} // namespace observer::runtime
