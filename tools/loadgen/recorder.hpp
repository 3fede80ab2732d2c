#pragma once

#include "tools/loadgen/clock.hpp"
#include "tools/loadgen/histogram.hpp"
#include "tools/loadgen/timeline.hpp"

#include <algorithm>
#include <map>
#include <string>

namespace observer::loadgen {

/// The time that counts, between the warm-up and the end.
struct window {
  time_point begin = time_point::max();
  time_point end = time_point::max();

  [[nodiscard]] bool contains(time_point x) const noexcept {
    return x >= begin && x < end;
  }

  [[nodiscard]] nanoseconds length() const {
    return std::max(nanoseconds{0}, nanoseconds{end - begin});
  }
};

/// Collects what one thread measures.
class recorder {
public:
  /// From here on, what happens in `x` is measured.
  void open(const window& x) {
    window_ = x;
    // As many slices as a plot has room for; a window without an end begins
    // with fine ones, and they grow.
    auto width = x.end == time_point::max()
                   ? nanoseconds{milliseconds{100}}
                   : std::max<nanoseconds>(milliseconds{100}, x.length() / 200);
    units_ = timeline{x.begin, width};
  }

  /// The time that counts ends at `end` if it would end later.
  void close(time_point end) {
    window_.end = std::min(window_.end, end);
  }

  /// A unit of work was done at `now`, which took `latency` nanoseconds.
  void unit(time_point now, std::uint64_t latency) {
    recent_.record(latency);
    if (window_.contains(now))
      units_.record(now, latency);
  }

  /// A step on the way to a unit of work, such as connecting.
  void step(const std::string& name, std::uint64_t latency) {
    steps_[name].record(latency);
  }

  [[nodiscard]] const window& measured() const noexcept {
    return window_;
  }

  [[nodiscard]] const timeline& units() const noexcept {
    return units_;
  }

  [[nodiscard]] const std::map<std::string, histogram>& steps() const noexcept {
    return steps_;
  }

  /// Units since the last call, for progress.
  [[nodiscard]] histogram take_recent() {
    histogram result;
    std::swap(result, recent_);
    return result;
  }

private:
  window window_;
  timeline units_;
  histogram recent_;
  std::map<std::string, histogram> steps_;
};

} // namespace observer::loadgen
