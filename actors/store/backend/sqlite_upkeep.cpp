#include "actors/store/backend/private_files.hpp"
#include "actors/store/backend/sqlite_columns.hpp"
#include "actors/store/backend/sqlite_store.hpp"

#include <SQLiteCpp/Backup.h>
#include <algorithm>

namespace observer {

using use = sqlite_connection::use;

namespace {

/// Messages that one call of `trim` deletes at most.
constexpr int trim_step = 2000;

} // namespace

// -- retention ----------------------------------------------------------------

bool sqlite_store::trim(const retention& keep, timestamp now) {
  auto more = false;
  connection_.transact([&] {
    std::vector<room_id> rooms;
    {
      use all{prepared("SELECT id FROM rooms")};
      while (all->executeStep())
        rooms.push_back(room_id{all->getColumn(0).getInt64()});
    }
    for (auto room : rooms)
      more = trim_room(room, keep, now) || more;
    if (keep.age)
      more = trim_closed(keep, now) || more;
  });
  return more;
}

/// The newest message stays as a row without content: it holds the room's
/// `seq` and revision.
bool sqlite_store::trim_room(room_id room, const retention& keep,
                             timestamp now) {
  constexpr std::int64_t never = -1;
  auto oldest_kept = keep.age ? to_milliseconds(now - *keep.age) : never;
  use bounds{prepared("SELECT min(seq), max(seq) FROM messages WHERE room=?")};
  bounds->bind(1, to_number(room));
  bounds->executeStep();
  if (bounds->getColumn(0).isNull())
    return false;
  auto first = bounds->getColumn(0).getInt64();
  auto last = bounds->getColumn(1).getInt64();
  auto first_kept = first;
  if (keep.count && *keep.count <= static_cast<std::uint64_t>(last))
    first_kept = std::max(first_kept,
                          last - static_cast<std::int64_t>(*keep.count) + 1);
  auto step_end = first + trim_step;
  if (keep.age && first_kept < step_end) {
    use old{prepared("SELECT max(seq) FROM messages WHERE room=?1 AND "
                     "seq>=?2 AND seq<?3 AND sent_at<?4")};
    old->bind(1, to_number(room));
    old->bind(2, first_kept);
    old->bind(3, step_end);
    old->bind(4, oldest_kept);
    old->executeStep();
    if (auto seq = old->getColumn(0); !seq.isNull())
      first_kept = seq.getInt64() + 1;
  }
  auto end = std::min({first_kept, step_end, last});
  if (end > first) {
    for (const auto* sql : {"DELETE FROM messages WHERE room=? AND seq<?",
                            "DELETE FROM attachments WHERE room=? AND seq<?"}) {
      use remove{prepared(sql)};
      remove->bind(1, to_number(room));
      remove->bind(2, end);
      remove->exec();
    }
  }
  if (first_kept > last && end == last) {
    for (const auto* sql :
         {"UPDATE messages SET text=NULL, data=NULL, attachments=0, "
          "sender_name='' WHERE room=? AND seq=? AND text IS NOT NULL",
          "DELETE FROM attachments WHERE room=? AND seq=?"}) {
      use blank{prepared(sql)};
      blank->bind(1, to_number(room));
      blank->bind(2, last);
      blank->exec();
    }
  }
  return end == step_end;
}

/// Rooms that have closed go once all their messages are gone.
bool sqlite_store::trim_closed(const retention& keep, timestamp now) {
  std::vector<std::int64_t> gone;
  {
    use rooms{
      prepared("SELECT id FROM rooms WHERE closed=1 "
               "AND NOT EXISTS(SELECT 1 FROM messages WHERE room=id "
               "AND text IS NOT NULL) "
               "AND (SELECT max(at) FROM events WHERE room=id)<? LIMIT 1000")};
    rooms->bind(1, to_milliseconds(now - *keep.age));
    while (rooms->executeStep())
      gone.push_back(rooms->getColumn(0).getInt64());
  }
  for (auto room : gone) {
    use note{prepared("INSERT INTO meta(key, value) VALUES('last_room', ?1) "
                      "ON CONFLICT(key) DO UPDATE SET value=max(value, ?1)")};
    note->bind(1, room);
    note->exec();
    for (const auto* sql :
         {"DELETE FROM rooms WHERE id=?", "DELETE FROM events WHERE room=?",
          "DELETE FROM messages WHERE room=?",
          "DELETE FROM snapshots WHERE room=?"}) {
      use remove{prepared(sql)};
      remove->bind(1, room);
      remove->exec();
    }
  }
  return gone.size() == 1000;
}

// -- for observerctl ----------------------------------------------------------

std::vector<std::string> sqlite_store::check() const {
  return guarded(file_, [&] { return connection_.check(); });
}

store_figures sqlite_store::figures() const {
  return guarded(file_, [&] {
    auto number = [&](const char* sql) {
      return static_cast<std::uint64_t>(
        connection_.database().execAndGet(sql).getInt64());
    };
    store_figures result;
    result.rooms = number("SELECT count(*) FROM rooms");
    result.open_rooms = number("SELECT count(*) FROM rooms WHERE closed=0");
    result.events = number("SELECT count(*) FROM events");
    result.messages
      = number("SELECT count(*) FROM messages WHERE text IS NOT NULL");
    result.snapshots = number("SELECT count(*) FROM snapshots");
    result.bytes = number("PRAGMA page_count") * number("PRAGMA page_size");
    result.schema
      = connection_.database().execAndGet("PRAGMA user_version").getInt();
    return result;
  });
}

void sqlite_store::vacuum() {
  guarded(file_, [&] { connection_.database().exec("VACUUM"); });
}

void sqlite_store::back_up(const std::filesystem::path& to) const {
  make_private_file(to);
  guarded(to, [&] {
    SQLite::Database target{to.string(),
                            SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE};
    SQLite::Backup copy{target, connection_.database()};
    copy.executeStep();
  });
}

} // namespace observer
