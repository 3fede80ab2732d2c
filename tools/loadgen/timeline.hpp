#pragma once

#include "tools/loadgen/clock.hpp"
#include "tools/loadgen/histogram.hpp"

#include <vector>

namespace observer::loadgen {

/// Latencies in equal slices of time, for a picture of how they went. When
/// there would be more than `limit` slices, two become one.
class timeline {
public:
  timeline() = default;

  timeline(time_point begin, nanoseconds width, std::size_t limit = 240)
    : begin_(begin),
      width_(width),
      limit_(limit) {
  }

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
  nanoseconds width_ = milliseconds{100};
  std::size_t limit_ = 240;
  std::vector<histogram> slices_;
};

} // namespace observer::loadgen
