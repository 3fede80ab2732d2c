#include "actors/store/backend/sqlite_store.hpp"

#include "actors/store/backend/event_json.hpp"
#include "actors/store/backend/sqlite_columns.hpp"

#include <boost/json/serialize.hpp>

namespace observer {

using use = sqlite_connection::use;

// -- construction -------------------------------------------------------------

sqlite_store::sqlite_store(const std::filesystem::path& file,
                           const page_limits& limits, store_access access)
  : file_(file),
    limits_(limits),
    connection_(file, access) {
}

SQLite::Statement& sqlite_store::prepared(const char* sql) const {
  return connection_.prepared(sql);
}

// -- writing ------------------------------------------------------------------

void sqlite_store::append(std::span<const room_append> rooms,
                          std::span<const session_change> sessions) {
  auto now = std::chrono::time_point_cast<std::chrono::milliseconds>(
    std::chrono::system_clock::now());
  std::uint64_t count = 0;
  try {
    connection_.transact([&] {
      for (auto& x : sessions)
        std::visit([this](auto& change) { apply(change); }, x);
      for (auto& x : rooms) {
        for (auto& event : *x.events)
          append_event(x.room, event, now);
        count += x.events->size();
      }
    });
  } catch (...) {
    revisions_.clear(); // they may be ahead of the file
    throw;
  }
  events_ += count;
  ++commits_;
}

void sqlite_store::append_event(room_id room, const room_event::any& event,
                                timestamp now) {
  auto& rev = last_revision(room);
  if (const auto* posted = std::get_if<room_event::posted>(&event)) {
    insert_message(room, ++rev, *posted, now);
    return;
  }
  auto body = boost::json::serialize(to_json(event));
  if (std::holds_alternative<room_event::restored>(event)) {
    use insert{prepared("INSERT OR REPLACE INTO snapshots(room, rev, body) "
                        "VALUES(?, ?, ?)")};
    insert->bind(1, to_number(room));
    bind_number(*insert, 2, rev);
    bind_text(*insert, 3, body);
    insert->exec();
    return;
  }
  use insert{prepared("INSERT INTO events(room, rev, at, body) "
                      "VALUES(?, ?, ?, ?)")};
  insert->bind(1, to_number(room));
  bind_number(*insert, 2, ++rev);
  insert->bind(3, to_milliseconds(now));
  bind_text(*insert, 4, body);
  insert->exec();
  if (const auto* created = std::get_if<room_event::created>(&event)) {
    use insert_room{prepared("INSERT INTO rooms(id) VALUES(?)")};
    insert_room->bind(1, to_number(room));
    insert_room->exec();
    note_user(created->host.id);
  } else if (const auto* joined = std::get_if<room_event::joined>(&event)) {
    note_user(joined->user.id);
  } else if (const auto* seated = std::get_if<room_event::seated>(&event)) {
    take_seat(room, rev, *seated);
  } else if (const auto* left = std::get_if<room_event::left>(&event)) {
    end_seat(room, left->user.id, rev);
  } else if (std::holds_alternative<room_event::closed>(event)) {
    use update{prepared("UPDATE rooms SET closed=1 WHERE id=?")};
    update->bind(1, to_number(room));
    update->exec();
    use end{prepared("UPDATE seats SET ended=? WHERE room=? "
                     "AND ended IS NULL")};
    bind_number(*end, 1, rev);
    end->bind(2, to_number(room));
    end->exec();
  }
}

void sqlite_store::end_seat(room_id room, user_id user, revision at) {
  use end{prepared("UPDATE seats SET ended=? WHERE room=? AND user=? "
                   "AND ended IS NULL")};
  bind_number(*end, 1, at);
  end->bind(2, to_number(room));
  end->bind(3, to_number(user));
  end->exec();
}

/// The place of a member moves to a session; another one's seat ends.
void sqlite_store::take_seat(room_id room, revision rev,
                             const room_event::seated& x) {
  end_seat(room, x.user, rev);
  use insert{
    prepared("INSERT OR REPLACE INTO seats(session, room, user, since) "
             "SELECT key, ?2, ?3, ?4 FROM sessions WHERE key=?1")};
  bind_key(*insert, 1, x.session);
  insert->bind(2, to_number(room));
  insert->bind(3, to_number(x.user));
  bind_number(*insert, 4, rev);
  insert->exec();
  use remove{
    prepared("DELETE FROM seats WHERE session=?1 AND ended IS NOT NULL "
             "AND id<=(SELECT id FROM seats WHERE session=?1 AND "
             "ended IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?2)")};
  bind_key(*remove, 1, x.session);
  bind_number(*remove, 2, ended_seats_kept);
  remove->exec();
}

void sqlite_store::apply(const store_message::keep_session& x) {
  use insert{prepared("INSERT OR REPLACE INTO sessions(key, socket_id) "
                      "VALUES(?, ?)")};
  bind_key(*insert, 1, x.key);
  bind_text(*insert, 2, x.socket_id);
  insert->exec();
}

void sqlite_store::apply(const store_message::forget_session& x) {
  for (const auto* sql : {"DELETE FROM sessions WHERE key=?",
                          "DELETE FROM seats WHERE session=?"}) {
    use remove{prepared(sql)};
    bind_key(*remove, 1, x.key);
    remove->exec();
  }
}

void sqlite_store::insert_message(room_id room, revision rev,
                                  const room_event::posted& x, timestamp now) {
  auto& content = *x.content;
  use insert{prepared(
    "INSERT INTO messages(room, seq, rev, at, sender, sender_name, recipient, "
    "text, data, attachments, imitates, client_id, sent_at) "
    "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")};
  insert->clearBindings();
  insert->bind(1, to_number(room));
  bind_number(*insert, 2, content.seq);
  bind_number(*insert, 3, rev);
  insert->bind(4, to_milliseconds(now));
  insert->bind(5, to_number(content.from.id));
  bind_text(*insert, 6, content.from.name);
  if (content.to)
    insert->bind(7, to_number(*content.to));
  bind_text(*insert, 8, content.text);
  insert->bind(10, 0);
  insert->bind(11, 0);
  if (content.data) {
    bind_text(*insert, 9, content.data->json);
    insert->bind(10,
                 static_cast<std::int32_t>(content.data->attachments.size()));
    insert->bind(11, content.data->imitates_placeholder ? 1 : 0);
  }
  if (!x.client_id.empty())
    bind_text(*insert, 12, x.client_id);
  insert->bind(13, to_milliseconds(content.sent_at));
  insert->exec();
  if (!content.data)
    return;
  int number = 0;
  for (auto& bytes : content.data->attachments) {
    use attach{prepared("INSERT INTO attachments(room, seq, number, bytes) "
                        "VALUES(?, ?, ?, ?)")};
    attach->bind(1, to_number(room));
    bind_number(*attach, 2, content.seq);
    attach->bind(3, number++);
    // An empty blob, not null.
    attach->bindNoCopy(4, bytes.data(), static_cast<int>(bytes.size()));
    attach->exec();
  }
}

void sqlite_store::note_user(user_id user) {
  use update{prepared("INSERT INTO meta(key, value) VALUES('last_user', ?1) "
                      "ON CONFLICT(key) DO UPDATE SET value=max(value, ?1)")};
  update->bind(1, to_number(user));
  update->exec();
}

revision sqlite_store::stored_revision(room_id room) const {
  use query{prepared(
    "SELECT max(coalesce((SELECT max(rev) FROM events WHERE room=?1), 0), "
    "coalesce((SELECT rev FROM messages WHERE room=?1 "
    "ORDER BY seq DESC LIMIT 1), 0))")};
  query->bind(1, to_number(room));
  query->executeStep();
  return static_cast<revision>(query->getColumn(0).getInt64());
}

revision& sqlite_store::last_revision(room_id room) {
  auto [i, fresh] = revisions_.try_emplace(room, 0);
  if (fresh)
    i->second = stored_revision(room);
  return i->second;
}

void sqlite_store::probe() {
  // A page of its own, so that it needs about what a message needs.
  connection_.transact([this] {
    use update{prepared("INSERT INTO meta(key, value) VALUES('probes', 1) "
                        "ON CONFLICT(key) DO UPDATE SET value=value+1")};
    update->exec();
  });
}

void sqlite_store::forget(room_id room) {
  revisions_.erase(room);
}

} // namespace observer
