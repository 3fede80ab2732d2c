#include "net/io/write_queue.hpp"

#include <utility>

namespace observer::io {

namespace {

/// A queue that grew past this gives its memory back when it is empty.
constexpr std::size_t kept_capacity = 8;

} // namespace

void write_queue::push(chunk bytes) {
  bytes_ += bytes->size();
  chunks_.push_back(std::move(bytes));
}

std::span<iovec> write_queue::gather(std::span<iovec> out) const {
  std::size_t count = 0;
  std::size_t total = 0;
  auto offset = offset_;
  for (auto i = front_; i < chunks_.size(); ++i) {
    if (count == out.size() || total >= max_gather_bytes)
      break;
    auto& text = *chunks_[i];
    // The kernel only reads, but an iovec serves both ways.
    out[count++] = {const_cast<char*>(text.data()) + offset,
                    text.size() - offset};
    total += text.size() - offset;
    offset = 0;
  }
  return out.first(count);
}

void write_queue::consume(std::size_t bytes) {
  bytes_ -= bytes;
  while (front_ < chunks_.size()) {
    auto left = chunks_[front_]->size() - offset_;
    if (bytes < left) {
      offset_ += bytes;
      break;
    }
    bytes -= left;
    offset_ = 0;
    chunks_[front_++].reset();
  }
  if (front_ == chunks_.size()) {
    front_ = 0;
    chunks_.clear();
    if (chunks_.capacity() > kept_capacity)
      chunks_.shrink_to_fit();
  } else if (front_ > chunks_.size() / 2 && front_ > max_gather) {
    chunks_.erase(chunks_.begin(),
                  chunks_.begin() + static_cast<std::ptrdiff_t>(front_));
    front_ = 0;
  }
}

void write_queue::clear() {
  std::exchange(chunks_, {});
  front_ = offset_ = bytes_ = 0;
}

} // namespace observer::io
