#pragma once

#include "actors/runtime/directory.hpp"
#include "messages/snapshots.hpp"

#include <optional>
#include <string>

namespace observer::gateway {

/// Appends one actor as the admin interface shows it: `{id, kind, name, loop,
/// mailbox, handled, busy_us, state, types, watching, snapshot?}`.
void append(std::string& out, const runtime::actor_info& x,
            const std::optional<actor_snapshot>& snapshot);

/// Appends a snapshot as an object of its own.
void append(std::string& out, const actor_snapshot& x);

} // namespace observer::gateway
