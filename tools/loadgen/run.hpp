#pragma once

#include "tools/loadgen/checker.hpp"
#include "tools/loadgen/histogram.hpp"
#include "tools/loadgen/options.hpp"
#include "tools/loadgen/process.hpp"
#include "tools/loadgen/scenario.hpp"
#include "tools/loadgen/timeline.hpp"

#include <map>
#include <optional>
#include <string>

namespace observer::loadgen {

/// What a run has come to.
struct outcome {
  bool set_up = false;      ///< everybody came in, and the load began
  bool interrupted = false; ///< by Ctrl-C
  double seconds = 0;       ///< measured
  double count = 0;         ///< units of work in that time
  timeline units;
  histogram latency; ///< of the units
  std::map<std::string, histogram> steps;
  check_totals totals;
  failure_log failures;
  std::size_t stopped = 0; ///< readers that stopped
  std::size_t cut_off = 0; ///< those among them whose connection ended

  std::optional<process_usage> server_at_start; ///< before anybody came
  std::optional<process_usage> server_before;   ///< the measured time
  std::optional<process_usage> server_after;
  process_usage own_before;
  process_usage own_after;

  /// Nothing was lost, doubled, in disorder, leaked or refused.
  [[nodiscard]] bool is_good() const noexcept {
    return set_up && totals.clean() && failures.count == 0;
  }
};

/// Runs a scenario to its end, or until SIGINT or SIGTERM. Tells its progress
/// on stderr unless it should be quiet.
/// @throws std::runtime_error if it cannot begin.
[[nodiscard]] outcome run(const options& settings);

} // namespace observer::loadgen
