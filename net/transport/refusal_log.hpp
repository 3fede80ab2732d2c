#pragma once

#include "net/http/message.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>

namespace observer::transport {

/// Tells the operator whom the server refuses for where they come from, because
/// neither a browser nor a WebSocket client says why. Pages try again and
/// again, so a key has a line now and then. Of one loop.
class refusal_log {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The Origin of `in` may not speak to us; `allow-origin` could name it.
  void origin_refused(const http::request& in, time_point now);

  /// Its Host may not be us; `allow-host` could name it.
  void host_refused(const http::request& in, time_point now);

private:
  struct entry {
    time_point silent_until;
    std::uint64_t count = 0; ///< since the last line
  };

  static void add(entry& about, std::string_view event, std::string_view key,
                  const http::request& in, time_point now);

  entry origins_;
  entry hosts_;
};

} // namespace observer::transport
