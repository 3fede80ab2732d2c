#pragma once

#include "messages/client_events.hpp"
#include "messages/model.hpp"
#include "messages/snapshots.hpp"

#include <string>
#include <string_view>
#include <vector>

/// The objects of PROTOCOL.md as JSON. Every function appends to `out`.
namespace observer::gateway {

[[nodiscard]] std::string_view name_of(role x);
[[nodiscard]] std::string_view name_of(presence x);
[[nodiscard]] std::string_view name_of(leave_reason x);
[[nodiscard]] std::string_view name_of(close_reason x);

void append(std::string& out, const user& x);
void append(std::string& out, const author& x);
void append(std::string& out, const room_data& x);
void append(std::string& out, const user_row& x);

/// A room without its members: `counts` instead of `participants`.
void append_summary(std::string& out, const room_data& x,
                    const head_count& heads);

/// Binary values of `data` go to `attachments`, with placeholders in their
/// stead.
void append(std::string& out, const message& x,
            std::vector<std::string>& attachments);

/// The value that a client attached: see `payload`.
void append(std::string& out, const payload& x,
            std::vector<std::string>& attachments);

} // namespace observer::gateway
