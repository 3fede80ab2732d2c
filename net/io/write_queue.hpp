#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <sys/uio.h>
#include <vector>

namespace observer::io {

/// Bytes on their way to one socket, in shared pieces that are never copied.
class write_queue {
public:
  using chunk = std::shared_ptr<const std::string>;

  /// Pieces and bytes that are worth one system call.
  static constexpr std::size_t max_gather = 64;
  static constexpr std::size_t max_gather_bytes = 64 * 1024;

  [[nodiscard]] bool empty() const noexcept {
    return front_ == chunks_.size();
  }

  /// All that waits.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return bytes_;
  }

  void push(chunk bytes);

  /// What to write next, as much as `out` has room for.
  /// @returns the part of `out` that was filled; empty if nothing waits.
  [[nodiscard]] std::span<iovec> gather(std::span<iovec> out) const;

  /// So many bytes from the front have left.
  void consume(std::size_t bytes);

  void clear();

private:
  /// The queue is `chunks_` from `front_`; idle, it holds no memory to speak
  /// of.
  std::vector<chunk> chunks_;
  std::size_t front_ = 0;
  std::size_t offset_ = 0; ///< bytes of the front chunk that have left
  std::size_t bytes_ = 0;
};

} // namespace observer::io
