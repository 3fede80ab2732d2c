#pragma once

#include "actors/store/backend/page.hpp"
#include "messages/history.hpp"
#include "messages/snapshots.hpp"
#include "messages/stored_session.hpp"

#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <variant>
#include <vector>

namespace observer {

/// The store cannot do what was asked of it now.
class store_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// What a start finds.
struct stored_rooms {
  std::vector<room_id> open; ///< not closed, in order of their ids
  room_id next_room = first_room_id;
  user_id next_user = first_user_id;
};

/// Events to keep behind those that the room has.
struct room_append {
  room_id room{};
  const room_events* events = nullptr;
};

/// What the store knows of a room's state as it was kept last.
struct stored_room {
  /// What leads to it: a `restored` and what came after it, or all. Contents of
  /// messages are left out. Empty for a room that was never there.
  room_events events;
  revision last = 0; ///< of the newest event
};

/// Sessions that came, and that are over.
using session_change
  = std::variant<store_message::keep_session, store_message::forget_session>;

/// How many seats that have ended are kept of each session: a client that comes
/// back may not have heard of their end.
inline constexpr std::size_t ended_seats_kept = 32;

/// What may be deleted. Unset: nothing for that reason.
struct retention {
  std::optional<std::chrono::milliseconds> age; ///< of a message
  std::optional<std::uint64_t> count;           ///< newest kept, of each room
};

/// Keeps the events of all rooms. Used by one thread at a time.
class store {
public:
  virtual ~store() = default;

  [[nodiscard]] virtual stored_rooms index() const = 0;

  /// Keeps all of `sessions`, then all of `rooms`, in their order. Returns when
  /// it would survive what the store promises to survive. A seat of a session
  /// that is not kept is not kept either.
  /// @throws store_error nothing of it was kept
  virtual void append(std::span<const room_append> rooms,
                      std::span<const session_change> sessions)
    = 0;

  /// @throws store_error it cannot be read
  [[nodiscard]] virtual stored_room load(room_id room) const = 0;

  /// Reads a stretch of a room's messages, oldest first. Empty for a room that
  /// the store does not know.
  /// @throws store_error it cannot be read
  [[nodiscard]] virtual message_page read(const page_query& query) const = 0;

  /// Reads a stretch of all that happened in a room, contents of messages
  /// included. Nothing if some of it was deleted.
  /// @throws store_error it cannot be read
  [[nodiscard]] virtual room_past read(const past_query& query) const = 0;

  /// The sessions that were kept and not forgotten, in no particular order.
  [[nodiscard]] virtual std::vector<session_key> sessions() const = 0;

  /// One of them; null if it is none of them.
  /// @throws store_error it cannot be read
  [[nodiscard]] virtual stored_session_ptr
  find_session(const session_key& key) const = 0;

  /// Deletes messages, and rooms that have closed, as `keep` wants it; not all
  /// at once, so that others need not wait long.
  /// @returns whether there is more to delete
  /// @throws store_error as `append`
  virtual bool trim(const retention& keep, timestamp now) = 0;

  /// Whether an `append` would find room now.
  /// @throws store_error it would not
  virtual void probe() = 0;

  /// The room has ended: nobody will read its messages again.
  virtual void forget(room_id room) = 0;

  [[nodiscard]] virtual store_snapshot snapshot() const = 0;
};

/// Keeps everything in memory, for tests and for `--store memory`.
[[nodiscard]] std::unique_ptr<store>
make_memory_store(const page_limits& limits);

} // namespace observer
