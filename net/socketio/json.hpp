#pragma once

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

/// JSON as JavaScript writes and reads it, on Boost.JSON.
namespace observer::socketio {

/// How JSON that strangers wrote is bounded. What was read with bounds once
/// needs none when it is read again.
struct json_limits {
  std::size_t depth = 64; ///< values nested in each other

  /// Of one object. An object of Boost.JSON finds its members by a hash that
  /// anybody can compute: keys that collide cost the square of their number.
  std::size_t members = std::numeric_limits<std::size_t>::max();
};

/// Parses one JSON text, and nothing behind it.
///
/// A lone surrogate escape such as `"\ud83d"`, which JavaScript makes from cut
/// emoji, has no UTF-8; it is kept as the three bytes that it would have
/// (WTF-8), and `append_json_string` makes the escape of them again.
///
/// @returns `errc::too_deep`, `errc::too_many_members`, or whatever is wrong
///          with the text
[[nodiscard]] boost::system::result<boost::json::value>
parse_json(std::string_view in, const json_limits& limits);

/// How many bytes at the front of `text` surely stand in a JSON string as they
/// are: it ends before a quote, a backslash, a control character or `\xED`,
/// which may begin a surrogate.
[[nodiscard]] std::size_t plain_prefix(std::string_view text);

/// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

/// Appends `value` as compact JSON. Every number reads back as it is; infinity,
/// which JSON does not have, is null as in JavaScript.
void append_json(std::string& out, const boost::json::value& value);

/// The whole number that `value` is; nothing if it is none. JavaScript knows no
/// integers: 5.0 is as good as 5.
[[nodiscard]] std::optional<std::int64_t>
as_integer(const boost::json::value& value);

} // namespace observer::socketio
