#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace observer::loadgen {

/// What every message says of itself, in the beginning of its text, so that a
/// receiver needs no table to check it.
struct stamp {
  std::uint32_t room = 0;   ///< the generator's number of the room
  std::uint32_t sender = 0; ///< the generator's number of the sender in it
  std::uint32_t number = 0; ///< of the message among those of its sender
  std::uint64_t sent = 0;   ///< when it was (meant to be) sent, as `ticks`

  friend bool operator==(const stamp&, const stamp&) = default;
};

/// First character of a stamp; nothing else that is sent holds one.
inline constexpr char stamp_mark = '~';

/// Bytes of every stamp: the mark, then hexadecimal digits.
inline constexpr std::size_t stamp_size = 1 + 6 + 6 + 8 + 14;

void append_stamp(std::string& out, const stamp& x);

/// The stamp that `in` begins with; nothing if it begins with none.
[[nodiscard]] std::optional<stamp> read_stamp(std::string_view in);

} // namespace observer::loadgen
