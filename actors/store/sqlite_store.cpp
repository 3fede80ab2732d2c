#include "actors/store/sqlite_store.hpp"

#include "actors/store/event_json.hpp"
#include "actors/store/private_files.hpp"

#include <boost/json/serialize.hpp>

#include <SQLiteCpp/Backup.h>
#include <algorithm>
#include <cstring>

namespace observer {

namespace {

using use = sqlite_connection::use;

/// A message's row, as `read_message` wants it, in this order.
#define OBSERVER_MESSAGE_COLUMNS                                               \
  "seq, sender, sender_name, recipient, text, data, attachments, imitates, "   \
  "sent_at"

/// A page behind ?2 and before ?3 of what everybody may read, and what ?4 got
/// and sent. Each part has an index, so that what others say to each other is
/// not looked at; SQLite merges the parts while they are read.
#define OBSERVER_PART(index)                                                   \
  "SELECT " OBSERVER_MESSAGE_COLUMNS " FROM messages " index                   \
  "WHERE room=?1 AND seq>?2 AND seq<?3 AND text IS NOT NULL AND "
#define OBSERVER_PAGE                                                          \
  OBSERVER_PART("INDEXED BY messages_to ")                                     \
  "recipient IS NULL UNION ALL " OBSERVER_PART(                                \
    "INDEXED BY messages_to ") "recipient=?4 UNION ALL " OBSERVER_PART("INDEX" \
                                                                       "ED "   \
                                                                       "BY "   \
                                                                       "direc" \
                                                                       "ts_"   \
                                                                       "from"  \
                                                                       " ") "sender=?4 AND recipient IS NOT NULL AND recipient<>?4 "

constexpr const char* read_forward = OBSERVER_PAGE "ORDER BY seq";
constexpr const char* read_backward = OBSERVER_PAGE "ORDER BY seq DESC";

/// The same for a file that does not have the indexes.
#define OBSERVER_SCAN                                                          \
  OBSERVER_PART("") "(recipient IS NULL OR recipient=?4 OR sender=?4) "

constexpr const char* scan_forward = OBSERVER_SCAN "ORDER BY seq";
constexpr const char* scan_backward = OBSERVER_SCAN "ORDER BY seq DESC";

constexpr const char* read_history = "SELECT " OBSERVER_MESSAGE_COLUMNS
                                     ", rev, at, client_id FROM messages "
                                     "WHERE room=? AND rev<=?";
/// Newest first, because only `seq` has an index; it grows with `rev`.
constexpr const char* read_newest = "SELECT " OBSERVER_MESSAGE_COLUMNS
                                    ", rev, client_id FROM messages "
                                    "WHERE room=? ORDER BY seq DESC";

#undef OBSERVER_SCAN
#undef OBSERVER_PAGE
#undef OBSERVER_PART
#undef OBSERVER_MESSAGE_COLUMNS

/// Messages that one call of `trim` deletes at most.
constexpr int trim_step = 2000;

std::int64_t to_milliseconds(timestamp x) {
  return x.time_since_epoch().count();
}

timestamp to_timestamp(std::int64_t x) {
  return timestamp{std::chrono::milliseconds{x}};
}

std::string to_text(const SQLite::Column& x) {
  const auto* data = static_cast<const char*>(x.getBlob());
  auto size = static_cast<std::size_t>(x.getBytes());
  return data != nullptr ? std::string{data, size} : std::string{};
}

/// Binds bytes as TEXT, whatever they are. They must outlive the step.
void bind_text(SQLite::Statement& to, int index, const std::string& text) {
  to.bindNoCopy(index, text);
}

void bind_key(SQLite::Statement& to, int index, const session_key& key) {
  to.bindNoCopy(index, key.data(), static_cast<int>(key.size()));
}

session_key to_key(const SQLite::Column& x) {
  session_key result{};
  std::memcpy(result.data(), x.getBlob(),
              std::min(result.size(), static_cast<std::size_t>(x.getBytes())));
  return result;
}

void bind_number(SQLite::Statement& to, int index, std::uint64_t x) {
  to.bind(index, static_cast<std::int64_t>(x));
}

} // namespace

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

// -- reading ------------------------------------------------------------------

stored_rooms sqlite_store::index() const {
  return guarded(file_, [&] {
    stored_rooms result;
    use rooms{prepared("SELECT id FROM rooms WHERE closed=0 ORDER BY id")};
    while (rooms->executeStep())
      result.open.push_back(room_id{rooms->getColumn(0).getInt64()});
    use ids{prepared("SELECT (SELECT value FROM meta WHERE key='last_room'), "
                     "(SELECT max(id) FROM rooms), "
                     "(SELECT value FROM meta WHERE key='last_user')")};
    ids->executeStep();
    auto after = [&](int column, std::int64_t least) {
      auto value = ids->getColumn(column);
      return value.isNull() ? least : std::max(least, value.getInt64() + 1);
    };
    result.next_room = room_id{after(1, after(0, to_number(first_room_id)))};
    result.next_user = user_id{after(2, to_number(first_user_id))};
    return result;
  });
}

stored_room sqlite_store::load(room_id room) const {
  return guarded(file_, [&] {
    room_events result;
    std::int64_t since = 0;
    use snapshot{prepared("SELECT rev, body FROM snapshots WHERE room=?")};
    snapshot->bind(1, to_number(room));
    if (snapshot->executeStep()) {
      since = snapshot->getColumn(0).getInt64();
      result.push_back(event_from_json(to_text(snapshot->getColumn(1))));
    }
    use events{prepared("SELECT rev, body FROM events WHERE room=? AND rev>? "
                        "ORDER BY rev")};
    events->bind(1, to_number(room));
    events->bind(2, since);
    // Newest first, because only `seq` has an index; it grows with `rev`.
    use posts{prepared("SELECT rev, seq, sender, client_id, sent_at "
                       "FROM messages WHERE room=? ORDER BY seq DESC")};
    posts->bind(1, to_number(room));
    std::vector<std::pair<std::int64_t, room_event::posted>> messages;
    while (posts->executeStep() && posts->getColumn(0).getInt64() > since) {
      auto content = std::make_shared<message>();
      content->room = room;
      content->seq = static_cast<sequence>(posts->getColumn(1).getInt64());
      content->from.id = user_id{posts->getColumn(2).getInt64()};
      content->sent_at = to_timestamp(posts->getColumn(4).getInt64());
      messages.emplace_back(posts->getColumn(0).getInt64(),
                            room_event::posted{std::move(content),
                                               to_text(posts->getColumn(3))});
    }
    auto take_messages_before = [&](std::int64_t rev) {
      while (!messages.empty() && messages.back().first < rev) {
        result.emplace_back(std::move(messages.back().second));
        messages.pop_back();
      }
    };
    while (events->executeStep()) {
      take_messages_before(events->getColumn(0).getInt64());
      result.push_back(event_from_json(to_text(events->getColumn(1))));
    }
    take_messages_before(INT64_MAX);
    return stored_room{std::move(result), stored_revision(room)};
  });
}

/// @param row starts with the columns of a message.
message_ptr sqlite_store::read_message(room_id room,
                                       SQLite::Statement& row) const {
  auto result = std::make_shared<message>();
  result->room = room;
  result->seq = static_cast<sequence>(row.getColumn(0).getInt64());
  result->from = {user_id{row.getColumn(1).getInt64()},
                  to_text(row.getColumn(2))};
  if (auto to = row.getColumn(3); !to.isNull())
    result->to = user_id{to.getInt64()};
  result->text = to_text(row.getColumn(4));
  result->sent_at = to_timestamp(row.getColumn(8).getInt64());
  if (row.getColumn(5).isNull())
    return result;
  auto data = std::make_shared<payload>();
  data->json = to_text(row.getColumn(5));
  data->imitates_placeholder = row.getColumn(7).getInt() != 0;
  if (row.getColumn(6).getInt() > 0) {
    use bytes{prepared("SELECT bytes FROM attachments WHERE room=? AND seq=? "
                       "ORDER BY number")};
    bytes->bind(1, to_number(room));
    bind_number(*bytes, 2, result->seq);
    while (bytes->executeStep())
      data->attachments.push_back(to_text(bytes->getColumn(0)));
  }
  result->data = std::move(data);
  return result;
}

message_page sqlite_store::read(const page_query& query) const {
  return guarded(file_, [&] {
    page_builder page{query, limits_};
    use rows{connection_.is_up_to_date()
               ? prepared(query.after ? read_forward : read_backward)
               : prepared(query.after ? scan_forward : scan_backward)};
    auto end = query.before.value_or(INT64_MAX);
    if (query.upto)
      end = std::min(end, *query.upto + 1);
    rows->clearBindings();
    rows->bind(1, to_number(query.room));
    bind_number(*rows, 2, query.after.value_or(0));
    bind_number(*rows, 3, std::min<sequence>(end, INT64_MAX));
    if (query.reader)
      rows->bind(4, to_number(*query.reader));
    while (rows->executeStep() && page.add(read_message(query.room, *rows)))
      ;
    return std::move(page).finish();
  });
}

room_past sqlite_store::read(const past_query& query) const {
  return guarded(file_, [&]() -> room_past {
    auto upto = std::min<revision>(query.upto, INT64_MAX);
    auto after = std::min(query.after, upto);
    std::size_t bytes = 0;
    std::vector<std::pair<revision, room_event::any>> messages;
    use posts{prepared(read_newest)};
    posts->bind(1, to_number(query.room));
    while (posts->executeStep()) {
      auto rev = static_cast<revision>(posts->getColumn(9).getInt64());
      if (rev <= after)
        break;
      if (rev > upto)
        continue;
      if (posts->getColumn(4).isNull())
        return {}; // its content was deleted
      auto content = read_message(query.room, *posts);
      bytes += 2 * size_of(*content);
      if (bytes > query.bytes)
        return {};
      messages.emplace_back(rev,
                            room_event::posted{std::move(content),
                                               to_text(posts->getColumn(10))});
    }
    past_builder past{query};
    auto next = after + 1;
    auto take = [&](revision rev, room_event::any&& event) {
      return rev == next++ && past.add(std::move(event));
    };
    auto take_messages_before = [&](revision rev) {
      for (; !messages.empty() && messages.back().first < rev;
           messages.pop_back())
        if (!take(messages.back().first, std::move(messages.back().second)))
          return false;
      return true;
    };
    use events{prepared("SELECT rev, body FROM events WHERE room=? AND rev>? "
                        "AND rev<=? ORDER BY rev")};
    events->bind(1, to_number(query.room));
    bind_number(*events, 2, after);
    bind_number(*events, 3, upto);
    while (events->executeStep()) {
      auto rev = static_cast<revision>(events->getColumn(0).getInt64());
      if (!take_messages_before(rev)
          || !take(rev, event_from_json(to_text(events->getColumn(1)))))
        return {};
    }
    if (!take_messages_before(INT64_MAX))
      return {};
    return std::move(past).finish();
  });
}

std::vector<session_key> sqlite_store::sessions() const {
  return guarded(file_, [&] {
    std::vector<session_key> result;
    use keys{prepared("SELECT key FROM sessions")};
    while (keys->executeStep())
      result.push_back(to_key(keys->getColumn(0)));
    return result;
  });
}

stored_session_ptr sqlite_store::find_session(const session_key& key) const {
  return guarded(file_, [&]() -> stored_session_ptr {
    use session{prepared("SELECT socket_id FROM sessions WHERE key=?")};
    bind_key(*session, 1, key);
    if (!session->executeStep())
      return nullptr;
    auto result = std::make_shared<stored_session>();
    result->socket_id = to_text(session->getColumn(0));
    use seats{prepared("SELECT room, user, since, ended FROM seats "
                       "WHERE session=? ORDER BY room")};
    bind_key(*seats, 1, key);
    while (seats->executeStep()) {
      auto& seat = result->seats.emplace_back();
      seat.room = room_id{seats->getColumn(0).getInt64()};
      seat.user = user_id{seats->getColumn(1).getInt64()};
      seat.since = static_cast<revision>(seats->getColumn(2).getInt64());
      if (auto ended = seats->getColumn(3); !ended.isNull())
        seat.ended = static_cast<revision>(ended.getInt64());
    }
    return result;
  });
}

store_snapshot sqlite_store::snapshot() const {
  return {"sqlite", true, revisions_.size(), events_, commits_, 0};
}

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

std::vector<stored_event> sqlite_store::history(room_id room,
                                                revision to) const {
  return guarded(file_, [&] {
    std::vector<stored_event> result;
    auto last = static_cast<std::int64_t>(std::min<revision>(to, INT64_MAX));
    use events{prepared("SELECT rev, at, body FROM events WHERE room=? "
                        "AND rev<=?")};
    events->bind(1, to_number(room));
    events->bind(2, last);
    while (events->executeStep())
      result.push_back({static_cast<revision>(events->getColumn(0).getInt64()),
                        to_timestamp(events->getColumn(1).getInt64()),
                        event_from_json(to_text(events->getColumn(2)))});
    use rows{prepared(read_history)};
    rows->bind(1, to_number(room));
    rows->bind(2, last);
    while (rows->executeStep())
      result.push_back({static_cast<revision>(rows->getColumn(9).getInt64()),
                        to_timestamp(rows->getColumn(10).getInt64()),
                        room_event::posted{read_message(room, *rows),
                                           to_text(rows->getColumn(11))}});
    std::sort(result.begin(), result.end(),
              [](auto& a, auto& b) { return a.rev < b.rev; });
    return result;
  });
}

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
