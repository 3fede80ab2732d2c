#pragma once

#include "messages/failure.hpp"
#include "messages/requests.hpp"
#include "messages/settings.hpp"
#include "net/gateway/field_reader.hpp"

#include <boost/json/array.hpp>

#include <string_view>
#include <variant>
#include <vector>

namespace observer::gateway {

/// One row an event of PROTOCOL.md, "Client → server".
struct event_row {
  std::string_view name;
  client_request (*read)(field_reader& in, const settings& limits);
};

/// The row of an event; null if there is no such event.
[[nodiscard]] const event_row* find_event(std::string_view name);

/// Reads a request from the arguments of its event (the name first).
/// @param met counts the limits of fields that it met
[[nodiscard]] std::variant<client_request, failure>
read_request(const event_row& row, boost::json::array& arguments,
             std::vector<std::string>& attachments, const settings& limits,
             limit_counts& met);

/// The same from a plain event.
[[nodiscard]] std::variant<client_request, failure>
read_request(const event_row& row, const socketio::plain_event& event,
             const settings& limits, limit_counts& met);

} // namespace observer::gateway
