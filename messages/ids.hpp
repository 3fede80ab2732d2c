#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

namespace observer {

/// Names a room on the wire. The first room of a server is 1000; an id is
/// never used twice, also after a restart (PROTOCOL.md, "Ground rules").
enum class room_id : std::int64_t {};

/// Names one participant in one room. The first of a server is 100.
enum class user_id : std::int64_t {};

/// Names a client session inside this process. Never leaves it: clients see
/// the Socket.IO socket id, which is random.
enum class session_id : std::uint64_t {};

inline constexpr room_id first_room_id{1000};
inline constexpr user_id first_user_id{100};

/// Position of a message in its room: 1, 2, 3, ... without holes.
using sequence = std::uint64_t;

/// Position of a stored event, messages included, in its room: 1, 2, 3, ...
/// without holes.
using revision = std::uint64_t;

/// A point in civil time, as clients see it: UTC, whole milliseconds.
using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// A point in time for measuring how long something lasted; jumps of the
/// civil clock do not touch it.
using monotonic = std::chrono::steady_clock::time_point;

/// The greatest number that an id can have.
inline constexpr auto max_id = std::numeric_limits<std::int64_t>::max();

constexpr std::int64_t to_number(room_id id) {
  return static_cast<std::int64_t>(id);
}

constexpr std::int64_t to_number(user_id id) {
  return static_cast<std::int64_t>(id);
}

constexpr std::uint64_t to_number(session_id id) {
  return static_cast<std::uint64_t>(id);
}

inline std::string to_string(room_id id) {
  return std::to_string(to_number(id));
}

inline std::string to_string(user_id id) {
  return std::to_string(to_number(id));
}

inline std::string to_string(session_id id) {
  return std::to_string(to_number(id));
}

} // namespace observer
