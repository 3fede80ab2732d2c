#pragma once

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// JSON as JavaScript writes and reads it, on Boost.JSON.
namespace observer::socketio {

/// Parses one JSON text, and nothing behind it.
///
/// A lone surrogate escape such as `"\ud83d"`, which JavaScript makes from cut
/// emoji, has no UTF-8; it is kept as the three bytes that it would have
/// (WTF-8), and `append_json_string` makes the escape of them again.
[[nodiscard]] boost::system::result<boost::json::value>
parse_json(std::string_view in, std::size_t max_depth);

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
