#pragma once

#include "messages/ids.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace observer {

/// What a member may do in a room.
enum class role {
  host,        ///< moderates; exactly one in a room
  participant, ///< speaks and hears
  observer,    ///< hears, says nothing, does not count against the capacity
};

/// Whether a member's connection is there.
enum class presence { online, offline };

/// A value that a client attached to a message. Opaque to every actor.
struct payload {
  /// Compact JSON. Where `attachments` is not empty, binary values stand in it
  /// as Socket.IO placeholders, numbered from 0 in order of appearance.
  std::string json;

  std::vector<std::string> attachments;

  /// Whether plain data in `json` looks like a placeholder. Clients would take
  /// it for one in a packet that has attachments.
  bool imitates_placeholder = false;

  bool operator==(const payload&) const = default;
};

using payload_ptr = std::shared_ptr<const payload>;

/// A member of a room as others see it.
struct user {
  user_id id{};
  std::string name;
  observer::role role = role::participant;
  presence status = presence::online;
  timestamp joined_at{};
  bool muted = false; ///< by the host

  bool operator==(const user&) const = default;
};

/// How many are in a room.
struct head_count {
  std::uint32_t participants = 0; ///< host included, observers not
  std::uint32_t observers = 0;
  std::uint32_t online = 0; ///< of both

  bool operator==(const head_count&) const = default;
};

/// A room as clients see it.
struct room_data {
  room_id id{};
  std::string name;
  user host;
  /// The host first, then as they came; observers included.
  std::vector<user> participants;
  /// Set if those are only the first of them, in order of ids: how many there
  /// are.
  std::optional<head_count> heads;
  bool locked = false;
  bool has_password = false;
  std::uint32_t capacity = 0;
  timestamp created_at{};
  sequence last_seq = 0;

  bool operator==(const room_data&) const = default;
};

using room_data_ptr = std::shared_ptr<const room_data>;

/// Some of a room's members, in order of ids.
struct member_page {
  std::vector<user> members;
  bool more = false; ///< whether there are others behind them
};

/// Who sent something, under the name borne at that time.
struct author {
  user_id id{};
  std::string name;

  bool operator==(const author&) const = default;
};

/// One stored message of a room.
struct message {
  room_id room{};
  sequence seq = 0;
  author from;
  std::string text;
  payload_ptr data;          ///< null if the sender attached nothing
  std::optional<user_id> to; ///< set on a direct message
  timestamp sent_at{};
};

using message_ptr = std::shared_ptr<const message>;

/// A stretch of a room's history, oldest first.
struct message_page {
  std::vector<message_ptr> messages;
  /// Whether the room holds more messages in the direction of the query.
  bool more = false;
};

} // namespace observer
