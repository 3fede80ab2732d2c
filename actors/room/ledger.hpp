#pragma once

#include <cstddef>
#include <deque>
#include <utility>

namespace observer {

/// What has been decided and waits to be stored, in order. The store answers in
/// the order in which it is asked; whatever needs no answer of its own waits
/// behind what does, because it was decided on that.
///
/// Work leaves it in one of two ways: released, oldest first, or taken back,
/// newest first. It is out of the ledger before it is handed over, and may hold
/// more work back; it must not report an answer of the store.
template <class Work>
class ledger {
public:
  /// @param asked whether the store was asked for it, and will answer
  void hold(Work work, bool asked) {
    waiting_.emplace_back(std::move(work), asked);
  }

  /// Whether work that asks the store nothing need not wait.
  [[nodiscard]] bool empty() const noexcept {
    return waiting_.empty();
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return waiting_.size();
  }

  /// The store has answered for the oldest: it goes, and so does all that
  /// waited only for it.
  template <class F>
  void stored(F release) {
    do {
      auto work = std::move(waiting_.front().first);
      waiting_.pop_front();
      release(work);
    } while (!waiting_.empty() && !waiting_.front().second);
  }

  /// The store has refused the oldest, so nothing that waits holds.
  template <class F>
  void refused(F take_back) {
    while (!waiting_.empty()) {
      auto work = std::move(waiting_.back().first);
      waiting_.pop_back();
      take_back(work);
    }
  }

  void clear() noexcept {
    waiting_.clear();
  }

private:
  std::deque<std::pair<Work, bool>> waiting_; ///< oldest first
};

} // namespace observer
