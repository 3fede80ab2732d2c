#pragma once

#include "net/socketio/packet.hpp"

#include <boost/container/static_vector.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace observer::socketio {

/// A value that holds no others.
using plain_value
  = std::variant<std::nullptr_t, bool, std::int64_t, std::string_view>;

struct plain_field {
  std::string_view name;
  plain_value value;
};

/// An event as most are: in the default namespace, without attachments, with
/// one object of plain values as argument, or none. It can be read in one pass,
/// without a tree, and nothing of it is copied.
struct plain_event {
  static constexpr std::size_t max_fields = 12;

  std::optional<std::uint64_t> ack;
  std::string_view name;
  /// As they came: of fields with the same name, the last one counts.
  boost::container::static_vector<plain_field, max_fields> fields;
};

/// Reads a packet that is a plain event, written as JavaScript writes it: no
/// blanks, no escapes, no fractions.
/// @returns false if it is none, or breaks a rule: `decoder` tells which.
[[nodiscard]] bool read_plain_event(std::string_view packet,
                                    const packet_limits& limits,
                                    plain_event& out);

} // namespace observer::socketio
