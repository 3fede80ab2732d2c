#pragma once

#include "net/socketio/error.hpp"

#include <atomic>
#include <cstdint>

namespace observer::socketio {

/// How often each limit of the packets was met; each time it ended a
/// connection. (Attachments that are too large are over `max-payload`: the
/// transport counts them.) Any thread.
struct limit_counts {
  using counter = std::atomic<std::uint64_t>;

  counter depth{0};
  counter values{0};
  counter members{0};
  counter event_name{0};
  counter arguments{0};
  counter attachments{0};
  counter namespaces{0};
  counter connect_time{0};
  counter attachments_time{0};
};

/// Counts `why` if it says that a limit was met.
void count(boost::system::error_code why, limit_counts& met);

} // namespace observer::socketio
