#pragma once

#include "actors/store/page.hpp"
#include "messages/actors.hpp"
#include "messages/snapshots.hpp"

#include <memory>
#include <stdexcept>

namespace observer {

/// The store cannot do what was asked of it now.
class store_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Keeps the events of all rooms. Used by one thread.
class store {
public:
  virtual ~store() = default;

  /// Adds `events` behind those that the room has. Returns when they would
  /// survive what the store promises to survive.
  /// @throws store_error nothing was added
  virtual void append(room_id room, const room_events& events) = 0;

  /// Reads a stretch of a room's messages, oldest first. Empty for a room that
  /// the store does not know.
  [[nodiscard]] virtual message_page read(const page_query& query) const = 0;

  /// The room has ended: nobody will read its messages again.
  virtual void forget(room_id room) = 0;

  [[nodiscard]] virtual store_snapshot snapshot() const = 0;
};

/// Keeps everything in memory, for tests and for `--store memory`.
[[nodiscard]] std::unique_ptr<store>
make_memory_store(const page_limits& limits);

} // namespace observer
