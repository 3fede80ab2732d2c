#include "tools/loadgen/timeline.hpp"

#include <algorithm>

namespace observer::loadgen {

void timeline::record(time_point at, std::uint64_t latency) {
  auto since = elapsed(begin_, at);
  while (since / static_cast<std::uint64_t>(width_.count()) >= limit_)
    halve();
  auto slice = since / static_cast<std::uint64_t>(width_.count());
  if (slice >= slices_.size())
    slices_.resize(slice + 1);
  slices_[slice].record(latency);
}

void timeline::halve() {
  for (std::size_t i = 0; 2 * i < slices_.size(); ++i) {
    if (i > 0)
      slices_[i] = std::move(slices_[2 * i]);
    if (2 * i + 1 < slices_.size())
      slices_[i].merge(slices_[2 * i + 1]);
  }
  slices_.resize((slices_.size() + 1) / 2);
  width_ *= 2;
}

void timeline::merge(timeline other) {
  while (other.width_ < width_)
    other.halve();
  while (width_ < other.width_)
    halve();
  slices_.resize(std::max(slices_.size(), other.slices_.size()));
  for (std::size_t i = 0; i < other.slices_.size(); ++i)
    slices_[i].merge(other.slices_[i]);
}

histogram timeline::total() const {
  histogram result;
  for (auto& slice : slices_)
    result.merge(slice);
  return result;
}

} // namespace observer::loadgen
