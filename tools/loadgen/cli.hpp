#pragma once

#include "tools/loadgen/options.hpp"

#include <optional>

namespace observer::loadgen {

/// What the command line asks for.
struct command_line {
  std::optional<options> settings; ///< nothing if there is nothing to do
  int exit_code = 0;
};

/// Reads the command line; prints help, and what is wrong with it.
[[nodiscard]] command_line parse_command_line(int argc,
                                              const char* const* argv);

} // namespace observer::loadgen
