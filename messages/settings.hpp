#pragma once

#include "messages/limits/token_bucket.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace observer {

/// What a room server is set to: every number that PROTOCOL.md and PROMISES.md
/// call a default. The configuration fills it once, before anything starts.
struct settings {
  /// How long a place is kept for a client whose connection was lost.
  std::chrono::milliseconds grace = std::chrono::seconds{120};

  /// Connection state recovery (Socket.IO 4.6): how long a session waits for
  /// another connection of its client. Unset: it ends with the connection.
  std::optional<std::chrono::milliseconds> recovery_window;

  /// Bytes of events that one loop keeps for clients that may come back.
  std::size_t recovery_bytes = std::size_t{32} * 1024 * 1024;

  /// What the events that one client has missed may cost at most (see
  /// `encoded_event`, about twice what they are on the wire): they must fit
  /// into the client's queue beside everything else. One and a half
  /// `max-queue`.
  std::size_t replay_bytes = std::size_t{1536} * 1024;

  /// Participants in a room, offline ones included, observers not.
  std::uint32_t room_capacity = 10'000;

  /// Members of one room from one address who have lost their connection;
  /// beyond that, the longest absent leaves. In a full room it is a tenth of
  /// its places, and the next who comes takes the place.
  std::uint32_t absent_per_address = 1000;

  /// Messages of one member whose `client_id` is remembered at a time.
  std::uint32_t client_ids = 4096;

  /// Rooms that one socket may be in at a time.
  std::uint32_t rooms_per_socket = 32;

  std::uint32_t name_length = 64;       ///< code points of a display name
  std::uint32_t room_name_length = 128; ///< code points of a room name
  std::uint32_t text_bytes = 16 * 1024; ///< UTF-8 bytes of a message text
  std::uint32_t client_id_length = 64;  ///< code points of a `client_id`
  std::uint32_t kind_length = 32;       ///< code points of an activity's `kind`
  std::uint32_t reason_length = 256;    ///< code points of a kick's `reason`
  std::uint32_t password_length = 1024; ///< code points of a room's password
  std::uint32_t page_length = 100;      ///< messages in one page of history
  std::uint32_t member_page = 1000;     ///< members of a room in one page

  /// Binary attachments in one page of history: JavaScript clients close the
  /// connection on a packet with more (WIRE.md, "What real clients can take").
  std::uint32_t page_attachments = 10;

  /// Bytes of text and data in one page: it must fit into the queue of a client
  /// beside everything else.
  std::uint32_t page_bytes = 256 * 1024;

  /// `host` requests with a `client_id` that are remembered for a retry, each
  /// for `grace`.
  std::size_t remembered_hosts = 10'000;

  /// Switches every rate limit below on.
  bool rate_limits = true;

  /// `message` and `activity` requests of one socket: per second, and how many
  /// may come at once after a pause.
  token_rate messages{20, 60};

  /// Bytes that are said in one room: text, data and attachments of messages
  /// and activities. What is refused costs nothing.
  token_rate room_bytes{2e6, 8e6};

  /// Changes of one room by its host: each shows it to all members.
  token_rate room_changes{1, 10};

  /// New rooms from one address.
  token_rate rooms{5, 100};

  /// Entries into one room that fail for a wrong password or token, from one
  /// address. While there are too many, nobody enters from there.
  token_rate failed_entries{1, 20};

  /// Passwords that wait to be hashed or checked, each for some 0.1 s; of one
  /// address a quarter.
  std::size_t password_line = 256;

  /// Rooms, or users, on one page of a list.
  std::uint32_t list_length = 1000;

  /// Members of all rooms on one page together; the first room is always there.
  std::uint32_t list_members = 10'000;

  /// Bytes of answers that HTTP clients have not read yet, all together.
  std::size_t answer_bytes = std::size_t{32} * 1024 * 1024;

  /// Wrong admin tokens a minute; over it, all are refused.
  std::uint32_t admin_tries = 5;

  /// Requests of one client that may be under way; its socket is not read
  /// while there are more, so TCP pushes back.
  std::uint32_t credit = 32;
};

} // namespace observer
