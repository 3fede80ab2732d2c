#pragma once

#include "tools/loadgen/options.hpp"
#include "tools/loadgen/run.hpp"

#include <string>

namespace observer::loadgen {

/// A picture (SVG) of the measured time: units a second, and their latencies on
/// a logarithmic scale.
[[nodiscard]] std::string plot(const options& settings, const outcome& result);

} // namespace observer::loadgen
