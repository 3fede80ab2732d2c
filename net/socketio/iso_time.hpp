#pragma once

#include <chrono>
#include <string>

namespace observer::socketio {

/// Appends a time of the years 0 to 9999 as JavaScript does, in UTC:
/// `2026-01-31T09:15:00.123Z`.
void append_iso_time(std::string& out,
                     std::chrono::sys_time<std::chrono::milliseconds> at);

} // namespace observer::socketio
