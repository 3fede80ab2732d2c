#pragma once

#include <spdlog/formatter.h>

#include <memory>
#include <string>
#include <string_view>

namespace observer {

/// Turns a log message of the form `component.event key=value key="value"` into
/// one line of JSON: `{"time":..,"level":..,"component":..,"event":..,..}`.
[[nodiscard]] std::string log_line_as_json(std::string_view time,
                                           std::string_view level,
                                           std::string_view message);

/// Makes one line of each record, whatever was logged.
///
/// @param format `text` or `json`.
[[nodiscard]] std::unique_ptr<spdlog::formatter>
make_log_formatter(const std::string& format);

/// Sends all log lines to stderr.
///
/// @param format `text` or `json`.
/// @param level `debug`, `info`, `warn` or `error`.
void set_up_log(const std::string& format, const std::string& level);

} // namespace observer
