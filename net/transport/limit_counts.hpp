#pragma once

#include "net/engineio/session.hpp"

#include <atomic>
#include <cstdint>

namespace observer::transport {

/// How often each limit of the transport was met. Any thread.
struct limit_counts {
  using counter = std::atomic<std::uint64_t>;

  // -- requests ---------------------------------------------------------------

  counter head_bytes{0};    ///< refused with 431
  counter head_fields{0};   ///< refused with 431
  counter target_bytes{0};  ///< refused with 414
  counter payload_bytes{0}; ///< refused with 413, or ended with 1009
  counter head_time{0};     ///< cut off: no head in time
  counter body_time{0};     ///< cut off: body not sent, or answer not read
  counter idle_time{0};     ///< closed: no further request

  counter origins{0}; ///< refused with 403: a page of another origin
  counter hosts{0};   ///< refused with 403: by a name that is not known

  // -- sessions ---------------------------------------------------------------

  counter fragments{0};    ///< ended: a message in too many frames
  counter message_time{0}; ///< ended: a message without end
  counter upgrade_time{0}; ///< WebSockets closed: did not take over in time
  counter pongs{0};        ///< ended: no sign of life
  counter queue_bytes{0};  ///< ended: did not read what was sent
  counter packets{0};      ///< ended: sent too many
  counter byte_rate{0};    ///< not read for a while: sent too much
  counter post_packets{0}; ///< ended: too many in one polling request

  // -- the door ---------------------------------------------------------------

  counter unconnected{0};   ///< refused with 429
  counter sessions{0};      ///< refused with 503
  counter descriptors{0};   ///< refused with 503, or could not be accepted
  counter address_share{0}; ///< closed when it came, or refused with 429
  counter unfinished{0};    ///< refused with 429, or ended: held too much
};

/// Counts `reason` if it says that a limit was met.
void count(engineio::close_reason reason, limit_counts& met);

} // namespace observer::transport
