#pragma once

#include "messages/room_events.hpp"

#include <boost/json/object.hpp>

#include <string_view>

namespace observer {

/// An event as the store keeps it and `observerctl replay` shows it: a JSON
/// object whose `event` names the type. Times are milliseconds since 1970, ids
/// are numbers, hashes are hexadecimal. Text is passed through as it is (bytes
/// that are no UTF-8 included); what a client attached to a message is left
/// out.
[[nodiscard]] boost::json::object to_json(const room_event::any& event);

/// The reverse, from text, for all events but `posted`, which the store keeps
/// in columns, and passing ones. Fields that are not known are ignored.
/// @throws std::runtime_error `text` is no such event
[[nodiscard]] room_event::any event_from_json(std::string_view text);

} // namespace observer
