#include "net/io/timer_queue.hpp"

#include <utility>

namespace observer::io {

void timer_queue::set(handle& which, time_point when, callback what) {
  cancel(which);
  if (!timer_)
    return;
  which.where_ = entries_.emplace(when, entry{&which, std::move(what)});
  which.set_ = true;
  if (when < armed_for_)
    arm();
}

void timer_queue::cancel(handle& which) {
  if (std::exchange(which.set_, false))
    entries_.erase(which.where_);
}

void timer_queue::close() {
  for (auto& [when, due] : entries_)
    due.owner->set_ = false;
  entries_.clear();
  timer_.reset();
}

void timer_queue::arm() {
  armed_for_ = entries_.begin()->first;
  timer_->expires_at(armed_for_);
  timer_->async_wait([this](error_code error) {
    if (!error)
      on_time();
  });
}

void timer_queue::on_time() {
  armed_for_ = time_point::max();
  auto now = std::chrono::steady_clock::now();
  while (!entries_.empty() && entries_.begin()->first <= now) {
    // Out of the map before it runs: it may set or cancel others.
    auto due = entries_.extract(entries_.begin());
    due.mapped().owner->set_ = false;
    due.mapped().what();
  }
  if (timer_ && !entries_.empty() && entries_.begin()->first < armed_for_)
    arm();
}

} // namespace observer::io
