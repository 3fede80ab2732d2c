#include "actors/replay_log.hpp"

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
  return {session, end(), {}, {}};
}

void replay_log::forget(session_id session) {
  direct_gone_.erase(session);
}

void replay_log::forget(room_id room) {
  gone_.erase(room);
}

void replay_log::enter(listener& who, room_id room) const {
  std::erase_if(who.stretches,
                [this](auto& x) { return x.end && *x.end <= first_; });
  who.stretches.push_back({room, end(), std::nullopt});
}

void replay_log::leave(listener& who, room_id room) const {
  for (auto& x : who.stretches)
    if (x.room == room && !x.end)
      x.end = end();
}

void replay_log::add(room_id room, session_id except, frame event,
                     monotonic now) {
  push({room, {}, except, std::move(event), now}, now);
}

void replay_log::add(session_id session, frame event, monotonic now) {
  push({{}, session, {}, std::move(event), now}, now);
}

void replay_log::push(entry x, monotonic now) {
  bytes_ += x.event->bytes() + entry_bytes;
  entries_.push_back(std::move(x));
  while (bytes_ > bytes_limit_ || entries_.front().at + keep_ < now)
    drop_oldest();
}

void replay_log::drop_oldest() {
  auto& x = entries_.front();
  gone trace{x.event->id(), first_, x.except};
  if (x.session != session_id{})
    direct_gone_[x.session] = trace;
  else
    gone_[x.room] = trace;
  bytes_ -= x.event->bytes() + entry_bytes;
  entries_.pop_front();
  ++first_;
}

bool replay_log::heard(const listener& who, const entry& x, position at) {
  if (x.session != session_id{})
    return x.session == who.session;
  return x.except != who.session
         && std::any_of(who.stretches.begin(), who.stretches.end(),
                        [&](auto& y) {
                          return y.room == x.room && y.begin <= at
                                 && (!y.end || at < *y.end);
                        });
}

/// What was said last to `who` among what the log has let go.
replay_log::gone replay_log::last_gone(const listener& who) const {
  gone result;
  auto consider = [&](const gone& x) {
    if (x.at > result.at)
      result = x;
  };
  if (auto i = direct_gone_.find(who.session); i != direct_gone_.end())
    consider(i->second);
  for (auto& x : who.stretches)
    if (auto i = gone_.find(x.room);
        i != gone_.end() && i->second.at >= x.begin)
      consider(i->second);
  return result;
}

std::optional<std::vector<frame>> replay_log::missed(const listener& who,
                                                     const event_id& last,
                                                     std::size_t bytes) const {
  auto start = who.begin;
  auto gone = last_gone(who);
  if (last == who.last) {
    if (gone.at != 0)
      return std::nullopt;
  } else {
    auto i = std::find_if(entries_.rbegin(), entries_.rend(),
                          [&](auto& x) { return x.event->id() == last; });
    if (i != entries_.rend())
      start = first_ + static_cast<position>(entries_.rend() - i);
    else if (gone.at != 0 && gone.event == last)
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
