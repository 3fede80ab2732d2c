#pragma once

#include "messages/handles.hpp"

#include <cstdint>
#include <optional>

namespace observer {

/// What the registry is told.
namespace registry_message {

using observer::stays_in_process;

/// Session → registry, with a `host_request`: make a room.
struct open_room {
  /// Whether the session may be in one room more; else it may only repeat the
  /// `host` of a room that it is in.
  bool may_enter = true;
};

/// Speaks of one room, there or not.
struct find_room {
  room_id room{};
};

/// Room → registry: the room has ended as planned.
struct room_ended {
  room_id room{};
};

/// `GET /api/room`.
struct list_rooms {
  std::optional<room_id> after;
  std::uint32_t limit = 1000;
  bool summary = false; ///< counts of members instead of them
};

/// `GET /api/users`.
struct list_users {
  std::optional<user_id> after;
  std::uint32_t limit = 1000;
};

} // namespace registry_message

} // namespace observer
