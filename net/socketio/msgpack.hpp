#pragma once

#include "net/socketio/packet.hpp"

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// MessagePack as npm's notepack.io writes and reads it, on nlohmann/json.
namespace observer::socketio {

/// A MessagePack value in terms of JSON.
struct unpacked {
  /// What is binary stands in it as a placeholder, numbered from 0 in order of
  /// appearance.
  boost::json::value value;
  std::vector<std::string> attachments;
  std::size_t values = 0; ///< all that it holds, itself included
};

/// Parses one MessagePack value, and nothing behind it.
///
/// What JavaScript makes of it decides where JSON has no such value: a member
/// that is undefined is left out, an undefined element is null, a date is its
/// ISO 8601 text (null outside of the years 0 to 9999). Keys are texts. Other
/// extensions are errors, and texts that are not UTF-8; lone surrogates pass,
/// see `is_wtf8`.
///
/// @param limits `depth` and `values` are those of the whole
[[nodiscard]] boost::system::result<unpacked>
parse_msgpack(std::string_view in, const packet_limits& limits);

/// Appends `value` as MessagePack, with the attachments instead of their
/// placeholders. A lone surrogate, which UTF-8 does not have, becomes U+FFFD.
void append_msgpack(std::string& out, const boost::json::value& value,
                    std::span<const std::string> attachments = {});

} // namespace observer::socketio
