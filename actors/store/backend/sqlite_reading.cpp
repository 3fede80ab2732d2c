#include "actors/store/backend/event_json.hpp"
#include "actors/store/backend/sqlite_columns.hpp"
#include "actors/store/backend/sqlite_store.hpp"

#include <algorithm>

namespace observer {

using use = sqlite_connection::use;

namespace {

/// A message's row, as `read_message` wants it, in this order.
#define OBSERVER_MESSAGE_COLUMNS                                               \
  "seq, sender, sender_name, recipient, text, data, attachments, imitates, "   \
  "sent_at"

// clang-format off

/// A page behind ?2 and before ?3 of what everybody may read, and what ?4 got
/// and sent. Each part has an index, so that what others say to each other is
/// not looked at; SQLite merges the parts while they are read.
#define OBSERVER_PAGE                                                          \
  "SELECT " OBSERVER_MESSAGE_COLUMNS " FROM messages INDEXED BY messages_to "  \
  "WHERE room=?1 AND seq>?2 AND seq<?3 AND text IS NOT NULL "                  \
  "AND recipient IS NULL "                                                     \
  "UNION ALL "                                                                 \
  "SELECT " OBSERVER_MESSAGE_COLUMNS " FROM messages INDEXED BY messages_to "  \
  "WHERE room=?1 AND seq>?2 AND seq<?3 AND text IS NOT NULL "                  \
  "AND recipient=?4 "                                                          \
  "UNION ALL "                                                                 \
  "SELECT " OBSERVER_MESSAGE_COLUMNS " FROM messages INDEXED BY directs_from " \
  "WHERE room=?1 AND seq>?2 AND seq<?3 AND text IS NOT NULL "                  \
  "AND sender=?4 AND recipient IS NOT NULL AND recipient<>?4 "

/// The same for a file that does not have the indexes.
#define OBSERVER_SCAN                                                          \
  "SELECT " OBSERVER_MESSAGE_COLUMNS " FROM messages "                         \
  "WHERE room=?1 AND seq>?2 AND seq<?3 AND text IS NOT NULL "                  \
  "AND (recipient IS NULL OR recipient=?4 OR sender=?4) "

// clang-format on

constexpr const char* read_forward = OBSERVER_PAGE "ORDER BY seq";
constexpr const char* read_backward = OBSERVER_PAGE "ORDER BY seq DESC";
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
#undef OBSERVER_MESSAGE_COLUMNS

} // namespace

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

} // namespace observer
