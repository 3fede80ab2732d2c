#pragma once

#include <chrono>
#include <cstdint>

/// Short names for time, which is monotonic everywhere in the generator.
namespace observer::loadgen {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using steady = std::chrono::steady_clock;
using time_point = steady::time_point;

/// Nanoseconds since the clock's own beginning.
inline std::uint64_t ticks(time_point x) {
  return static_cast<std::uint64_t>(nanoseconds{x.time_since_epoch()}.count());
}

/// From `begin` to `end`; 0 if that is negative.
inline std::uint64_t elapsed(time_point begin, time_point end) {
  return end > begin ? ticks(end) - ticks(begin) : 0;
}

inline double seconds(nanoseconds x) {
  return std::chrono::duration<double>{x}.count();
}

} // namespace observer::loadgen
