#include "net/io/loop.hpp"

#include "net/io/channel.hpp"
#include "net/io/uring.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace observer::io {

loop::loop(net::io_context& context, backend how)
  : context_(context),
    backend_(how),
    timers_(context) {
}

loop::~loop() = default;

uring* loop::ring() {
  // Only the thread that uses a ring may set it up.
  if (!std::exchange(ring_asked_for_, true) && !released_
      && backend_ != backend::epoll)
    ring_ = uring::open(context_);
  return ring_.get();
}

void loop::flush_later(std::shared_ptr<channel> what) {
  if (released_)
    return;
  if (dirty_.empty())
    net::post(context_, [this] { flush_all(); });
  dirty_.push_back(std::move(what));
}

void loop::flush_all() {
  auto all = std::exchange(dirty_, {});
  for (auto& what : all)
    what->flush();
  if (ring_)
    ring_->submit();
}

void loop::run_later(std::function<void()> what) {
  if (later_.empty())
    net::post(context_, [this] { run_all(); });
  later_.push_back(std::move(what));
}

void loop::run_all() {
  for (auto& what : std::exchange(later_, {}))
    what();
}

void loop::release() {
  run_all();
  released_ = true;
  dirty_.clear();
  // Whoever goes with it finds no ring any more.
  if (auto ring = std::exchange(ring_, nullptr))
    ring->close();
  timers_.close();
}

} // namespace observer::io
