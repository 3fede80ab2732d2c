#pragma once

#include "net/gateway/metrics.hpp"

namespace observer {

/// What this process takes from the system by now, but for its loops.
[[nodiscard]] gateway::process_figures measure_process();

} // namespace observer
