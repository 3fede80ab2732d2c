#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace observer {

/// Turns a log message of the form `component.event key=value key="value"` into
/// one line of JSON: `{"time":..,"level":..,"component":..,"event":..,..}`.
[[nodiscard]] std::string log_line_as_json(std::string_view time,
                                           std::string_view level,
                                           std::string_view message);

/// Sends all log lines to stderr.
///
/// @param format `text` or `json`.
/// @param level `debug`, `info`, `warn` or `error`.
void set_up_log(const std::string& format, const std::string& level);

} // namespace observer
