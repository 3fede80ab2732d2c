#pragma once

#include "messages/ids.hpp"
#include "net/engineio/session.hpp"
#include "net/transport/connection_life.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace observer::gateway {

/// A client that has gone, and what its connection went through.
struct ended_client {
  std::string socket_id; ///< public Socket.IO id
  std::string address;
  timestamp at{};
  /// Unset: it left the namespace by itself (packet 41).
  std::optional<engineio::close_reason> reason;
  transport::connection_life life;
};

/// The reason as metrics, the log and `observerctl` name it.
[[nodiscard]] std::string_view
reason_code(const std::optional<engineio::close_reason>& reason);

/// Why it ended, in a sentence for people.
[[nodiscard]] std::string explain(const ended_client& who);

/// What an official client does about it.
[[nodiscard]] std::string_view
what_comes_next(const std::optional<engineio::close_reason>& reason);

/// Clients that have gone: how many for which reason, and for some time each of
/// them. Thread-safe.
class ended_clients {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr auto keep_for = std::chrono::minutes{10};
  static constexpr std::size_t keep_most = 5000;

  /// @param who without an id it is counted alone
  void add(ended_client who, time_point now);

  /// The newest with that id.
  [[nodiscard]] std::optional<ended_client> find(std::string_view socket_id,
                                                 time_point now);

  /// The newest first.
  [[nodiscard]] std::vector<ended_client> newest(std::size_t most,
                                                 time_point now);

  /// By `reason_code`, since the start.
  [[nodiscard]] std::map<std::string_view, std::uint64_t> counts() const;

  /// How many are kept.
  [[nodiscard]] std::size_t size(time_point now);

private:
  struct entry {
    time_point at;
    ended_client who;
  };

  void forget_old(time_point now);

  mutable std::mutex mutex_;
  std::deque<entry> kept_; ///< oldest first
  std::map<std::string_view, std::uint64_t> counts_;
};

/// Appends one as JSON: `{socket_id, address, ended_at, reason, why, next}`;
/// with `whole` also `{transport, protocol, age_ms, silent_ms, upgraded_ms?,
/// received, sent, messages, queued, queued_most, last: [{at_ms, type,
/// bytes}]}`.
void append(std::string& out, const ended_client& x, bool whole);

} // namespace observer::gateway
