#include "tools/loadgen/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace observer::loadgen {

namespace {

constexpr int step_bits = 7;
constexpr std::uint64_t steps_per_doubling = 1U << step_bits;
constexpr int top_bits = 42;
constexpr std::uint64_t top = (std::uint64_t{1} << top_bits) - 1;
// Values of up to 8 bits have a step each; then 128 for each further bit.
constexpr std::size_t step_count = (top_bits - step_bits + 1)
                                   * steps_per_doubling;

} // namespace

histogram::histogram() : steps_(step_count) {
}

std::size_t histogram::step_of(std::uint64_t value) noexcept {
  value = std::min(value, top);
  auto width = static_cast<int>(std::bit_width(value));
  auto shift = std::max(width - step_bits - 1, 0);
  return static_cast<std::size_t>(shift) * steps_per_doubling
         + (value >> shift);
}

std::uint64_t histogram::upper_end(std::size_t step) noexcept {
  if (step < 2 * steps_per_doubling)
    return step;
  auto shift = step / steps_per_doubling - 1;
  auto leading = step % steps_per_doubling + steps_per_doubling;
  return ((leading + 1) << shift) - 1;
}

void histogram::merge(const histogram& other) {
  for (std::size_t i = 0; i < steps_.size(); ++i)
    steps_[i] += other.steps_[i];
  count_ += other.count_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

void histogram::clear() {
  *this = histogram{};
}

double histogram::mean() const noexcept {
  return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
}

std::uint64_t histogram::percentile(double percent) const {
  auto exact = std::ceil(static_cast<double>(count_) * percent / 100);
  auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(exact));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    seen += steps_[i];
    if (seen >= wanted)
      return std::min(upper_end(i), max_);
  }
  return max_;
}

} // namespace observer::loadgen
