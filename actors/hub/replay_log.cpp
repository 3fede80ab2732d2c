#include "actors/hub/replay_log.hpp"

#include <algorithm>
#include <utility>

namespace observer {

namespace {

/// What an entry costs besides its event.
constexpr std::size_t entry_bytes = 96;

} // namespace

replay_log::replay_log(std::chrono::milliseconds keep, std::size_t bytes)
  : keep_(keep),
    bytes_limit_(bytes) {
}

replay_log::listener replay_log::begin(session_id session) const {
  return {session, std::make_shared<source>(), end(), {}, {}};
}

void replay_log::enter(listener& who, const source_ptr& room) const {
  std::erase_if(who.stretches,
                [this](auto& x) { return x.end && *x.end <= first_; });
  who.stretches.push_back({room, end(), std::nullopt});
}

void replay_log::leave(listener& who, const source_ptr& room) const {
  for (auto& x : who.stretches)
    if (x.in == room && !x.end)
      x.end = end();
}

void replay_log::add(const source_ptr& where, session_id except, frame event,
                     monotonic now) {
  bytes_ += event->bytes() + entry_bytes;
  entries_.push_back({where, except, std::move(event), now});
  while (bytes_ > bytes_limit_ || entries_.front().at + keep_ < now)
    drop_oldest();
}

void replay_log::drop_oldest() {
  auto& x = entries_.front();
  x.where->gone_ = x.event->id();
  x.where->gone_at_ = first_;
  bytes_ -= x.event->bytes() + entry_bytes;
  entries_.pop_front();
  ++first_;
}

bool replay_log::heard(const listener& who, const entry& x, position at) {
  return x.where == who.own
         || (x.except != who.session
             && std::any_of(who.stretches.begin(), who.stretches.end(),
                            [&](auto& y) {
                              return y.in == x.where && y.begin <= at
                                     && (!y.end || at < *y.end);
                            }));
}

/// Where it was that `who` heard last what the log has let go.
const replay_log::source& replay_log::last_gone(const listener& who) {
  const auto* result = who.own.get();
  for (auto& x : who.stretches)
    if (x.in->gone_at_ >= x.begin && x.in->gone_at_ > result->gone_at_)
      result = x.in.get();
  return *result;
}

std::optional<std::vector<frame>> replay_log::missed(const listener& who,
                                                     const event_id& last,
                                                     std::size_t bytes) const {
  auto start = who.begin;
  auto& gone = last_gone(who);
  if (last == who.last) {
    if (gone.gone_at_ != 0)
      return std::nullopt;
  } else {
    auto i = std::find_if(entries_.rbegin(), entries_.rend(),
                          [&](auto& x) { return x.event->id() == last; });
    if (i != entries_.rend())
      start = first_ + static_cast<position>(entries_.rend() - i);
    else if (gone.gone_at_ != 0 && gone.gone_ == last)
      start = first_;
    else
      return std::nullopt; // it may have missed what is gone
  }
  std::vector<frame> result;
  for (auto at = std::max(start, first_); at < end(); ++at) {
    auto& x = entries_[at - first_];
    if (!heard(who, x, at))
      continue;
    if (x.event->bytes() > bytes)
      return std::nullopt;
    bytes -= x.event->bytes();
    result.push_back(x.event);
  }
  return result;
}

} // namespace observer
