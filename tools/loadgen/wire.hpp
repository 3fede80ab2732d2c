#pragma once

#include "tools/loadgen/stamp.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// PROTOCOL.md as far as the generator speaks it. What comes in by the million
/// is searched for the few fields that matter instead of being parsed.
namespace observer::loadgen {

/// A `message` event.
struct heard_message {
  std::int64_t room_id = 0;
  std::uint64_t seq = 0; ///< 0 if the server numbers nothing
  loadgen::stamp stamp;
};

/// An ack. Servers that say nothing about success mean it.
struct heard_ack {
  std::uint64_t id = 0;
  bool ok = true;
};

/// The name of an event packet, `2["name",...]`; empty if it is none.
[[nodiscard]] std::string_view event_name(std::string_view packet);

/// Nothing if a field is missing. Room and user names must hold neither a stamp
/// nor a quote.
[[nodiscard]] std::optional<heard_message>
scan_message(std::string_view packet);

/// Whether a JSON parser reads the same out of the packet.
[[nodiscard]] bool confirms(std::string_view packet,
                            const heard_message& scanned);

/// `3<id>[...]`.
[[nodiscard]] std::optional<heard_ack> scan_ack(std::string_view packet);

/// The object that an ack consists of; empty if it is another thing.
[[nodiscard]] boost::json::object decode_ack(std::string_view packet);

// -- encoding: every function appends to `out`
// ---------------------------------

/// An event with one argument.
/// @param argument JSON.
void append_event(std::string& out, std::string_view name,
                  std::string_view argument,
                  std::optional<std::uint64_t> ack = {});

/// A `message` whose text is the stamp and `padding`.
void append_message(std::string& out, std::int64_t room_id, const stamp& x,
                    std::string_view padding,
                    std::optional<std::uint64_t> ack = {});

} // namespace observer::loadgen
