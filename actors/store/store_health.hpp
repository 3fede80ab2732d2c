#pragma once

#include "messages/ids.hpp"

#include <atomic>
#include <chrono>
#include <prometheus/histogram.h>

namespace observer {

/// How the store does. Written by its actor, read by anybody.
class store_health {
public:
  /// Whether it can keep something now.
  [[nodiscard]] bool is_writable() const noexcept {
    return writable_;
  }

  /// @returns what was the case before.
  bool set_writable(bool writable) noexcept {
    return writable_.exchange(writable);
  }

  /// Brackets a commit, which blocks the store's thread.
  void commit_begins(monotonic at) noexcept {
    commit_began_ = at.time_since_epoch().count();
  }

  void commit_ends(monotonic at) {
    auto began = monotonic{monotonic::duration{commit_began_.exchange(0)}};
    commit_seconds_.Observe(std::chrono::duration<double>(at - began).count());
  }

  /// How long commits took, in seconds.
  [[nodiscard]] const prometheus::Histogram& commit_seconds() const noexcept {
    return commit_seconds_;
  }

  /// How long the commit that is under way takes already; zero without one.
  /// Everything that was appended meanwhile goes into the next one, so this
  /// says how far the store is behind, whatever the number of appends.
  [[nodiscard]] monotonic::duration commit_age(monotonic now) const noexcept {
    auto began = commit_began_.load();
    return began == 0 ? monotonic::duration{}
                      : now.time_since_epoch() - monotonic::duration{began};
  }

private:
  std::atomic<bool> writable_{true};
  std::atomic<monotonic::rep> commit_began_{0};
  prometheus::Histogram commit_seconds_{
    {0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10}};
};

} // namespace observer
