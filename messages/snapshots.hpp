#pragma once

#include "messages/model.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// The state of an actor at a moment, as REST, the admin interface and
/// `observerctl` show it. A snapshot is a copy: nobody looks into a running
/// actor.
namespace observer {

/// Asks an actor for its snapshot.
struct get_snapshot {};

struct registry_snapshot {
  std::uint64_t rooms = 0;
  std::uint64_t rooms_made = 0;   ///< since the start
  std::uint64_t rooms_failed = 0; ///< ended unexpectedly
};

/// How many are in a room of which all members are known.
[[nodiscard]] inline head_count count_heads(const room_data& room) {
  head_count result;
  for (auto& x : room.participants) {
    ++(x.role == role::observer ? result.observers : result.participants);
    result.online += x.status == presence::online ? 1 : 0;
  }
  return result;
}

/// One row of `GET /api/room`.
struct room_row {
  room_data_ptr room; ///< in a summary without participants
  head_count heads;
};

/// A page of `GET /api/room`, in order of ids.
struct room_page {
  std::vector<room_row> rooms;
  /// The next page begins behind this room; unset: this was the last.
  std::optional<room_id> next;
};

using room_page_ptr = std::shared_ptr<const room_page>;

/// One row of `GET /api/users`.
struct user_row {
  observer::user user;
  room_id room{};
};

/// A page of `GET /api/users`, in order of ids.
struct user_page {
  std::vector<user_row> users;
  /// The next page begins behind this user; unset: this was the last.
  std::optional<user_id> next;
};

using user_page_ptr = std::shared_ptr<const user_page>;

struct room_snapshot {
  room_data_ptr room;         ///< null: the room is not there yet
  std::uint64_t sessions = 0; ///< members with a connection
  std::uint64_t waiting = 0;  ///< commits that the store has not confirmed
  std::uint64_t messages = 0; ///< stored since the actor started
  std::uint64_t activities = 0;
};

struct session_snapshot {
  session_id id{};
  std::string socket_id;
  std::string address;
  std::string transport;
  timestamp connected_at{};
  std::vector<room_id> rooms;
  std::uint64_t requests = 0;
  std::uint64_t refused = 0; ///< by the session itself: rates, no such room
};

struct hub_snapshot {
  /// Connections of one kind.
  struct line_count {
    std::string_view transport; ///< empty: lost, and awaited
    int protocol = 0;           ///< of Engine.IO
    std::uint64_t clients = 0;
  };

  /// Requests of one event with one outcome.
  struct request_count {
    std::string_view event;
    std::string_view outcome; ///< `ok`, or the code of the refusal
    std::uint64_t requests = 0;
  };

  std::uint64_t clients = 0;
  std::uint64_t rooms = 0;      ///< with at least one client on this loop
  std::uint64_t deliveries = 0; ///< frames handed to connections
  std::uint64_t queued_bytes = 0;
  std::vector<line_count> lines;
  std::vector<request_count> requests;
};

struct store_snapshot {
  std::string kind; ///< `memory` or `sqlite`
  bool writable = true;
  std::uint64_t rooms = 0;   ///< written to since the start
  std::uint64_t events = 0;  ///< kept since the start
  std::uint64_t commits = 0; ///< transactions that these took
  std::uint64_t refused = 0; ///< appends that could not be kept
};

struct reader_snapshot {
  bool open = false;        ///< has the store's file open
  std::uint64_t pages = 0;  ///< read
  std::uint64_t passed = 0; ///< left to the store's actor
};

struct password_keeper_snapshot {
  std::uint64_t waiting = 0; ///< hashes and checks, that under way included
  std::uint64_t hashed = 0;
  std::uint64_t checked = 0;
};

struct query_snapshot {
  std::uint64_t requests = 0;
};

struct reviver_snapshot {
  std::uint64_t under_way = 0;
  std::uint64_t revived = 0;
  std::uint64_t refused = 0; ///< asked for, but not all of it was there
};

using actor_snapshot
  = std::variant<registry_snapshot, room_snapshot, session_snapshot,
                 hub_snapshot, store_snapshot, reader_snapshot, query_snapshot,
                 reviver_snapshot, password_keeper_snapshot>;

} // namespace observer
