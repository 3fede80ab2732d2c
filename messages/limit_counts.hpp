#pragma once

#include <atomic>
#include <cstdint>

namespace observer {

/// How often each limit of the rooms was met. Any thread.
struct limit_counts {
  using counter = std::atomic<std::uint64_t>;

  counter name{0};             ///< answered `bad_request`
  counter room_name{0};        ///< answered `bad_request`
  counter text_bytes{0};       ///< answered `bad_request`
  counter message_rate{0};     ///< answered `rate_limited`
  counter room_bytes{0};       ///< answered `rate_limited`
  counter room_rate{0};        ///< answered `rate_limited`
  counter failed_entries{0};   ///< answered `rate_limited`
  counter password_line{0};    ///< answered `unavailable`
  counter room_changes{0};     ///< answered `rate_limited`
  counter absent{0};           ///< left before their grace time ended
  counter client_ids{0};       ///< answered `rate_limited`
  counter rooms_per_socket{0}; ///< answered `too_large`
  counter room_capacity{0};    ///< answered `room_full`
  counter remembered_hosts{0}; ///< forgotten before their time
  counter commit_time{0};      ///< handshakes refused with 503
  counter list_length{0};      ///< pages of lists that were not the last
  counter answer_bytes{0};     ///< REST requests refused with 503
  counter admin_tries{0};      ///< refused with 429
};

} // namespace observer
