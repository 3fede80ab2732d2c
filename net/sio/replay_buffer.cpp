#include "net/sio/replay_buffer.hpp"

#include <utility>

namespace observer::sio {

void replay_buffer::add(entry event, time_point now) {
  bytes_ += event.packets->websocket().size();
  events_.push_back({std::move(event), now});
  while (!events_.empty()
         && (bytes_ > max_bytes_ || events_.front().since + max_age_ < now))
    drop_first();
}

void replay_buffer::drop_first() {
  auto& first = events_.front().event;
  bytes_ -= first.packets->websocket().size();
  last_dropped_ = first.id;
  events_.pop_front();
}

std::optional<std::vector<replay_buffer::entry>>
replay_buffer::after(std::uint64_t last_heard) const {
  if (last_heard < last_dropped_)
    return std::nullopt;
  std::vector<entry> result;
  for (auto& x : events_)
    if (x.event.id > last_heard)
      result.push_back(x.event);
  return result;
}

} // namespace observer::sio
