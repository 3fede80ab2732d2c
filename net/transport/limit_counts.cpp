#include "net/transport/limit_counts.hpp"

namespace observer::transport {

void count(engineio::close_reason reason, limit_counts& met) {
  switch (reason) {
    case engineio::close_reason::ping_timeout:
      ++met.pongs;
      break;
    case engineio::close_reason::slow_reader:
      ++met.queue_bytes;
      break;
    case engineio::close_reason::flooding:
      ++met.packets;
      break;
    case engineio::close_reason::overfull_post:
      ++met.post_packets;
      break;
    case engineio::close_reason::oversized:
      ++met.payload_bytes;
      break;
    default:
      break;
  }
}

} // namespace observer::transport
