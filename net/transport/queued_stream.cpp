#include "net/transport/queued_stream.hpp"

#include <boost/asio/error.hpp>

#include <array>
#include <span>
#include <utility>

namespace observer::transport {

namespace {

/// Buffers and bytes of one gathered write.
constexpr std::size_t max_gather = 64;
constexpr std::size_t max_gather_bytes = 64 * 1024;

/// A queue that grew past this gives its memory back when it is empty.
constexpr std::size_t kept_capacity = 16;

} // namespace

void queued_stream::push(chunk bytes) {
  if (failed_)
    return;
  queued_bytes_ += bytes->size();
  chunks_.push_back(std::move(bytes));
  ++pushed_;
}

void queued_stream::flush() {
  if (waiting_ || failed_)
    return complete();
  while (front_ < chunks_.size()) {
    std::array<net::const_buffer, max_gather> gathered;
    std::size_t count = 0;
    std::size_t total = 0;
    auto offset = offset_;
    for (auto i = front_; i < chunks_.size(); ++i) {
      auto& bytes = *chunks_[i];
      gathered[count++] = net::const_buffer{bytes.data() + offset,
                                            bytes.size() - offset};
      total += bytes.size() - offset;
      offset = 0;
      if (count == max_gather || total >= max_gather_bytes)
        break;
    }
    error_code error;
    auto written = socket_.write_some(std::span{gathered.data(), count}, error);
    if (error == net::error::would_block || error == net::error::try_again)
      written = 0;
    else if (error)
      return fail(error);
    consume(written);
    if (written < total) {
      waiting_ = true;
      socket_.async_wait(tcp::socket::wait_write,
                         [this, keep = owner()](error_code waited) {
                           waiting_ = false;
                           if (waited)
                             fail(waited);
                           else
                             flush();
                         });
      break;
    }
  }
  complete();
}

void queued_stream::consume(std::size_t bytes) {
  queued_bytes_ -= bytes;
  while (front_ < chunks_.size()) {
    auto left = chunks_[front_]->size() - offset_;
    if (bytes < left) {
      offset_ += bytes;
      break;
    }
    bytes -= left;
    offset_ = 0;
    chunks_[front_++].reset();
    ++left_;
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

/// Calls whoever waited for bytes that have left, or never will.
void queued_stream::complete() {
  while (!completions_.empty()
         && (failed_ || completions_.front().after <= left_)) {
    auto call = std::move(completions_.front().call);
    completions_.erase(completions_.begin());
    call(failed_ ? error_code{net::error::connection_reset} : error_code{});
  }
}

void queued_stream::fail(error_code) {
  if (std::exchange(failed_, true))
    return;
  chunks_.clear();
  front_ = offset_ = queued_bytes_ = 0;
  complete();
  if (on_failure)
    on_failure();
}

} // namespace observer::transport
