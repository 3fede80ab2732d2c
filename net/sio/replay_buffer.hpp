#pragma once

#include "net/engineio/outgoing.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace observer::sio {

/// The last events of one socket, for connection state recovery: its client may
/// come back and say which one it heard last.
class replay_buffer {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// An event as it was sent. Ids grow; 0 comes before the first.
  struct entry {
    std::uint64_t id = 0;
    engineio::outgoing_ptr packets;
  };

  /// @param bytes to keep at most
  /// @param age how long an event may be asked for
  replay_buffer(std::size_t bytes, std::chrono::milliseconds age)
    : max_bytes_(bytes),
      max_age_(age) {
  }

  void add(entry event, time_point now);

  /// All events behind the one with the id `last_heard`; nothing if one of
  /// them is no longer there.
  [[nodiscard]] std::optional<std::vector<entry>>
  after(std::uint64_t last_heard) const;

private:
  struct kept {
    entry event;
    time_point since;
  };

  void drop_first();

  std::size_t max_bytes_;
  std::chrono::milliseconds max_age_;
  std::deque<kept> events_;
  std::size_t bytes_ = 0;
  std::uint64_t last_dropped_ = 0;
};

} // namespace observer::sio
