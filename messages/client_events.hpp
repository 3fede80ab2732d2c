#pragma once

#include "messages/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// What clients hear, one type an event of PROTOCOL.md, "Server → client".
namespace observer {

/// Why somebody is no longer in a room.
enum class leave_reason {
  left,    ///< asked to leave, or disconnected cleanly
  kicked,  ///< the host ended the membership
  timeout, ///< the connection did not come back within the grace time
};

/// Why a room ended.
enum class close_reason {
  closed, ///< the host closed it
  empty,  ///< nobody but observers was left
  failed, ///< its actor ended unexpectedly
};

namespace client_event {

struct room_data {
  room_data_ptr room;
  /// The room has changed. Who lists its members by pages hears `room_changed`
  /// only.
  bool update = false;
};

/// What is not set has not changed.
struct room_changed {
  room_id room{};
  std::optional<std::string> name;
  std::optional<bool> locked;
  std::optional<bool> has_password;
  std::optional<std::uint32_t> capacity;
};

struct user_joined {
  room_id room{};
  observer::user user;
};

struct user_left {
  room_id room{};
  observer::user user;
  leave_reason reason{};
};

struct user_status {
  room_id room{};
  observer::user user;
};

struct user_updated {
  room_id room{};
  observer::user user;
  bool muted = false;
};

struct host_changed {
  room_id room{};
  user host;
};

struct message {
  message_ptr content;
};

struct activity {
  room_id room{};
  author from;
  std::string kind;
  payload_ptr data;
  timestamp at{};
};

/// To the one whose membership ended. `reason` is the host's word for it, or
/// `replaced` when another socket took the place with its token.
struct kicked {
  room_id room{};
  std::string reason;
};

struct room_closed {
  room_id room{};
  close_reason reason{};
};

using any = std::variant<room_data, room_changed, user_joined, user_left,
                         user_status, user_updated, host_changed, message,
                         activity, kicked, room_closed>;

} // namespace client_event

} // namespace observer
