#pragma once

#include "actors/store/backend/sqlite_connection.hpp"
#include "actors/store/backend/store.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace observer {

/// An event as it was kept.
struct stored_event {
  revision rev = 0;
  timestamp at{}; ///< when it was kept
  room_event::any event;
};

/// Figures of a store file.
struct store_figures {
  std::uint64_t rooms = 0;
  std::uint64_t open_rooms = 0;
  std::uint64_t events = 0; ///< without messages
  std::uint64_t messages = 0;
  std::uint64_t snapshots = 0;
  std::uint64_t bytes = 0; ///< of the file
  int schema = 0;
};

/// Keeps everything in one SQLite file: messages in columns, other events as
/// JSON. An append is durable when it returns (write-ahead log, fsync before
/// the answer).
///
/// ~~~
///  rooms(id, closed)              messages(room, seq, rev, …)
///  events(room, rev, at, body)    attachments(room, seq, number, bytes)
///  snapshots(room, rev, body)     meta(key, value)
///  sessions(key, socket_id)       seats(session, room, user, since, ended)
/// ~~~
///
/// `sqlite_store.cpp` writes, `sqlite_reading.cpp` reads, `sqlite_upkeep.cpp`
/// deletes what need not be kept and looks after the file.
class sqlite_store final : public store {
public:
  /// @throws store_error as `sqlite_connection`
  sqlite_store(const std::filesystem::path& file, const page_limits& limits,
               store_access access);

  // -- implementation of store ------------------------------------------------

  [[nodiscard]] stored_rooms index() const override;
  void append(std::span<const room_append> rooms,
              std::span<const session_change> sessions) override;
  [[nodiscard]] stored_room load(room_id room) const override;
  [[nodiscard]] message_page read(const page_query& query) const override;
  [[nodiscard]] room_past read(const past_query& query) const override;
  [[nodiscard]] std::vector<session_key> sessions() const override;
  [[nodiscard]] stored_session_ptr
  find_session(const session_key& key) const override;
  bool trim(const retention& keep, timestamp now) override;
  void probe() override;
  void forget(room_id room) override;
  [[nodiscard]] store_snapshot snapshot() const override;

  // -- for `observerctl` ------------------------------------------------------

  /// All that is kept of a room, in order, up to revision `to`.
  /// @throws store_error
  [[nodiscard]] std::vector<stored_event>
  history(room_id room, revision to = ~revision{0}) const;

  /// What is wrong with the file; empty if nothing is.
  [[nodiscard]] std::vector<std::string> check() const;

  [[nodiscard]] store_figures figures() const;

  /// Gives the space of what was deleted back to the file system.
  void vacuum();

  /// Copies the store as it is at one moment; a server may be running on it.
  void back_up(const std::filesystem::path& to) const;

private:
  void append_event(room_id room, const room_event::any& event, timestamp now);
  void insert_message(room_id room, revision rev, const room_event::posted& x,
                      timestamp now);
  void take_seat(room_id room, revision rev, const room_event::seated& x);
  void end_seat(room_id room, user_id user, revision at);
  void apply(const store_message::keep_session& x);
  void apply(const store_message::forget_session& x);
  [[nodiscard]] message_ptr read_message(room_id room,
                                         SQLite::Statement& row) const;
  [[nodiscard]] revision stored_revision(room_id room) const;
  revision& last_revision(room_id room);
  bool trim_room(room_id room, const retention& keep, timestamp now);
  [[nodiscard]] bool trim_closed(const retention& keep, timestamp now);
  void note_user(user_id user);

  [[nodiscard]] SQLite::Statement& prepared(const char* sql) const;

  std::filesystem::path file_;
  page_limits limits_;
  sqlite_connection connection_;
  std::unordered_map<room_id, revision> revisions_;
  std::uint64_t events_ = 0;
  std::uint64_t commits_ = 0;
};

} // namespace observer
