#pragma once

#include "tools/loadgen/options.hpp"
#include "tools/loadgen/run.hpp"

#include <boost/json/object.hpp>

#include <iosfwd>
#include <string>

namespace observer::loadgen {

/// All figures; times in microseconds unless the name says otherwise.
[[nodiscard]] boost::json::object to_json(const options& settings,
                                          const outcome& result);

/// The same as tables for people.
void print(std::ostream& out, const options& settings, const outcome& result);

} // namespace observer::loadgen
