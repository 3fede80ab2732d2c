#pragma once

#include "actors/runtime/directory.hpp"
#include "messages/snapshots.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <prometheus/metric_family.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace observer::gateway {

/// What the process takes from the system.
struct process_figures {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::vector<double> loop_cpu_seconds; ///< one a loop
};

/// Everything that `/metrics` shows.
struct server_figures {
  std::vector<runtime::kind_totals> actors;
  std::vector<runtime::alarm_count> alarms;
  std::vector<actor_snapshot> snapshots; ///< hubs, registry, store and so on
  std::map<std::string_view, std::uint64_t> ends; ///< by reason
  std::uint64_t ended_kept = 0; ///< of which it is known why they ended
  /// How often each limit was met, by its key.
  std::vector<std::pair<std::string, std::uint64_t>> limits;
  prometheus::ClientMetric commit_seconds;  ///< a histogram
  std::optional<std::uint64_t> store_bytes; ///< unset: no file
  process_figures process;
};

/// The text format of Prometheus, version 0.0.4. Names follow its rules: base
/// units, `_total` behind what only grows.
[[nodiscard]] std::string to_prometheus(const server_figures& in);

} // namespace observer::gateway
