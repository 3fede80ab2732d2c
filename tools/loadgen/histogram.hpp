#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace observer::loadgen {

/// Counts values, such as latencies in nanoseconds, in steps that grow with
/// them: 128 to each doubling, so that a percentile is at most 0.8 % too high
/// (the idea is Gil Tene's HdrHistogram). Recording costs one increment.
class histogram {
public:
  histogram();

  /// Values over 2^42 (73 minutes) count as that.
  void record(std::uint64_t value) noexcept {
    if (value < min_)
      min_ = value;
    if (value > max_)
      max_ = value;
    sum_ += static_cast<double>(value);
    ++count_;
    ++steps_[step_of(value)];
  }

  void merge(const histogram& other);
  void clear();

  [[nodiscard]] std::uint64_t count() const noexcept {
    return count_;
  }

  // All of these are 0 as long as there is no value.

  [[nodiscard]] std::uint64_t min() const noexcept {
    return count_ == 0 ? 0 : min_;
  }

  [[nodiscard]] std::uint64_t max() const noexcept {
    return max_;
  }

  [[nodiscard]] double mean() const noexcept;

  /// The smallest value of which it is known that `percent` of all values, 0 to
  /// 100, are not above it.
  [[nodiscard]] std::uint64_t percentile(double percent) const;

private:
  static std::size_t step_of(std::uint64_t value) noexcept;
  static std::uint64_t upper_end(std::size_t step) noexcept;

  std::vector<std::uint64_t> steps_;
  std::uint64_t count_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
  double sum_ = 0;
};

} // namespace observer::loadgen
