#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace observer::loadgen {

/// What processes have used up to now, all together.
struct process_usage {
  double user_us = 0;   ///< CPU time
  double system_us = 0; ///< CPU time
  std::uint64_t rss_kib = 0;
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
};

/// Reads /proc/PID/stat, and for every thread its status. CPU time comes in
/// ticks of (usually) 10 ms.
/// @returns nothing if one of the processes is not there.
[[nodiscard]] std::optional<process_usage>
usage_of(const std::vector<int>& pids);

/// The generator itself, in microseconds; no memory and no switches.
[[nodiscard]] process_usage own_usage();

/// The fields `utime` and `stime`, in ticks, of a /proc/PID/stat, whatever the
/// name of the program in it.
struct cpu_ticks {
  std::uint64_t user = 0;
  std::uint64_t system = 0;
};
[[nodiscard]] std::optional<cpu_ticks> parse_stat(std::string_view stat);

/// The number of a line such as `VmRSS:	  1234 kB`; 0 if there is none.
[[nodiscard]] std::uint64_t status_field(std::string_view status,
                                         std::string_view name);

} // namespace observer::loadgen
