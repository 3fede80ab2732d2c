#pragma once

#include "actors/runtime/directory.hpp"
#include "messages/snapshots.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace observer::gateway {

/// Appends one actor as the admin interface shows it: `{id, kind, name, loop,
/// mailbox, handled, busy_us, state, types, watching, snapshot?,
/// last_message, last_sender, longest_us, longest_message}`; `last_sender` is 0
/// if there is none.
void append(std::string& out, const runtime::actor_info& x,
            const std::optional<actor_snapshot>& snapshot);

/// Appends an alarm that is on: `{alarm, for_ms, loop, message, sender}`, but
/// of a loop that does nothing `{alarm, for_ms, loop}`; with `{actor, kind,
/// name}` if it is about one, and `waiting` (messages) if about its mailbox; of
/// a client `{alarm, for_ms, loop, address, transport, bytes}`.
void append(std::string& out, const runtime::raised_alarm& x,
            std::chrono::steady_clock::time_point now);

/// Appends a snapshot as an object of its own.
void append(std::string& out, const actor_snapshot& x);

} // namespace observer::gateway
