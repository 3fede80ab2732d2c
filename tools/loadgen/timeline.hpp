#pragma once

#include "tools/loadgen/clock.hpp"
#include "tools/loadgen/histogram.hpp"

#include <vector>

namespace observer::loadgen {

/// Latencies in equal slices of time, for a picture of how they went. When
/// there would be more than `limit` slices, two become one.
class timeline {
public:
  explicit timeline(time_point begin = {},
                    nanoseconds width = milliseconds{100},
                    std::size_t limit = 240);

  /// What was before the beginning counts as the beginning.
  void record(time_point at, std::uint64_t latency);

  /// @param other with the same beginning, and a width that differs by a power
  ///        of two.
  void merge(timeline other);

  [[nodiscard]] nanoseconds width() const noexcept {
    return width_;
  }

  [[nodiscard]] const std::vector<histogram>& slices() const noexcept {
    return slices_;
  }

  /// All slices together.
  [[nodiscard]] histogram total() const;

private:
  void halve();

  time_point begin_;
  nanoseconds width_;
  std::size_t limit_;
  std::vector<histogram> slices_;
};

} // namespace observer::loadgen
