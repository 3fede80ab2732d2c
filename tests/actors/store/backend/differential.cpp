#include "actors/domain/room_state.hpp"
#include "actors/store/backend/event_json.hpp"
#include "tests/actors/store/backend/support.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <random>

#define CAF_SUITE actors.store.backend.differential
#include "tests/test.hpp"

using namespace observer;

namespace {

/// Says the same to both stores, and what they answer must be the same.
struct pair_of_stores {
  store_tests::temporary_folder folder;
  std::unique_ptr<store> memory = make_memory_store({});
  std::unique_ptr<store> sqlite;

  pair_of_stores() {
    reopen();
  }

  void reopen() {
    sqlite.reset();
    sqlite = std::make_unique<sqlite_store>(folder.path / "observer.db",
                                            page_limits{}, store_access::serve);
  }

  void append(const std::vector<std::pair<room_id, room_events>>& what) {
    std::vector<room_append> batch;
    for (auto& [room, events] : what)
      batch.push_back({room, &events});
    memory->append(batch, {});
    sqlite->append(batch, {});
  }

  void change(const session_change& what) {
    memory->append({}, {&what, 1});
    sqlite->append({}, {&what, 1});
  }
};

domain::room_state fold(const room_events& events) {
  domain::room_state result;
  for (auto& event : events)
    domain::apply(result, event);
  return result;
}

/// Whether a deleted message is sent again is known to nobody any more.
domain::room_state without_named(domain::room_state state) {
  state.named.clear();
  return state;
}

/// Everything of a message that a client can see.
std::string describe(const message_page& page) {
  std::string result = page.more ? "more" : "";
  for (auto& x : page.messages) {
    result += '\n' + std::to_string(x->seq) + ' ' + to_string(x->from.id) + ' '
              + x->from.name + ' ' + x->text + ' '
              + std::to_string(x->sent_at.time_since_epoch().count());
    if (x->to)
      result += " to " + to_string(*x->to);
    if (x->data) {
      result += ' ' + x->data->json
                + (x->data->imitates_placeholder ? " imitates" : "");
      for (auto& bytes : x->data->attachments)
        result += " [" + bytes + ']';
    }
  }
  return result;
}

/// Everything of an event that has to be kept.
std::string describe(const room_event::any& event) {
  auto result = boost::json::serialize(to_json(event));
  if (auto* posted = std::get_if<room_event::posted>(&event))
    result += describe(message_page{{posted->content}, false});
  return result;
}

/// A session, ended seats included.
std::string describe(const stored_session_ptr& session) {
  if (!session)
    return "none";
  auto result = session->socket_id;
  for (auto& x : session->seats) {
    result += ' ' + to_string(x.room) + ':' + to_string(x.user) + ':'
              + std::to_string(x.since);
    if (x.ended)
      result += '-' + std::to_string(*x.ended);
  }
  return result;
}

/// A room's life by chance, but the same for the same seed.
struct random_life {
  std::mt19937 chance;
  room_id room{};
  domain::room_state state;
  std::vector<std::string> past; ///< what happened, by revision from 1
  std::int64_t& next_user;
  timestamp now{std::chrono::seconds{1000}};

  random_life(unsigned seed, room_id id, std::int64_t& users)
    : chance(seed),
      room(id),
      next_user(users) {
  }

  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>{0, n - 1}(chance);
  }

  user_id anybody() {
    auto i = state.members.begin();
    std::advance(i, below(state.members.size()));
    return i->first;
  }

  user newcomer(role as) {
    user_id id{next_user++};
    return {id, "user \xED\xA0\xBD " + to_string(id), as, presence::online,
            now};
  }

  token_hash token() {
    token_hash result;
    for (auto& x : result)
      x = static_cast<unsigned char>(below(256));
    return result;
  }

  session_key any_session() {
    return {static_cast<unsigned char>(1 + below(6))};
  }

  room_event::any next() {
    now += std::chrono::milliseconds{below(5000)};
    if (!state.exists())
      return room_event::created{
        room, "room", std::nullopt, 10, newcomer(role::host), token(), now};
    switch (below(14)) {
      case 12:
      case 13:
        return room_event::seated{anybody(), any_session()};
      case 0:
        return room_event::joined{newcomer(below(2) != 0U ? role::participant
                                                          : role::observer),
                                  token()};
      case 1:
        if (state.members.size() > 1)
          return room_event::left{state.find(anybody())->user,
                                  leave_reason{static_cast<int>(below(3))},
                                  "note"};
        break;
      case 2:
        return room_event::banned{"name " + std::to_string(below(9)), token()};
      case 3:
        return room_event::host_passed{anybody()};
      case 4:
        return room_event::muted{anybody(), below(2) != 0U};
      case 5: {
        room_event::configured x;
        if (below(2) != 0U)
          x.name = "renamed";
        if (below(2) != 0U)
          x.locked = below(2) != 0U;
        if (below(2) != 0U)
          x.password.emplace();
        if (below(2) != 0U)
          x.password.emplace("hash");
        if (below(2) != 0U)
          x.capacity = 7;
        return x;
      }
      case 6:
        return domain::restore_point(state);
      default:
        break;
    }
    return post();
  }

  room_event::any post() {
    auto content = std::make_shared<message>();
    content->room = room;
    content->seq = state.last_seq + 1;
    auto from = anybody();
    content->from = {from, state.find(from)->user.name};
    content->text = std::string(below(200), 'x') + std::string(1, '\0') + "é";
    content->sent_at = now;
    if (below(4) == 0)
      content->to = anybody();
    if (below(3) == 0) {
      auto data = std::make_shared<payload>();
      data->json = R"({"a":"\ud83d"})";
      data->imitates_placeholder = below(8) == 0;
      for (auto n = below(4); n > 0; --n)
        data->attachments.emplace_back(below(50), static_cast<char>(n));
      content->data = std::move(data);
    }
    std::string client_id;
    if (below(2) == 0)
      client_id = "c" + std::to_string(content->seq);
    return room_event::posted{std::move(content), std::move(client_id)};
  }

  room_events some() {
    room_events result;
    for (auto n = 1 + below(3); n > 0; --n) {
      result.push_back(next());
      note(result.back());
    }
    return result;
  }

  void note(const room_event::any& event) {
    domain::apply(state, event);
    if (!std::holds_alternative<room_event::restored>(event))
      past.push_back(describe(event));
  }

  past_query stretch() {
    auto after = below(past.size() + 1);
    auto upto = after + below(past.size() + 1 - after);
    return {room, after, upto, 1'000'000};
  }

  page_query query() {
    page_query result;
    result.room = room;
    auto maybe = [&]() -> std::optional<sequence> {
      if (below(2) == 0)
        return std::nullopt;
      return below(static_cast<std::size_t>(state.last_seq) + 3);
    };
    result.after = maybe();
    result.before = maybe();
    result.upto = maybe();
    result.limit = static_cast<std::uint32_t>(1 + below(20));
    if (below(2) == 0 && !state.members.empty())
      result.reader = anybody();
    return result;
  }
};

/// SQLite knows all that happened; memory, if anything, the same.
void check_past(pair_of_stores& stores, const random_life& life,
                const past_query& query) {
  for (auto* x : {stores.memory.get(), stores.sqlite.get()}) {
    auto found = x->read(query);
    if (!found.events) {
      CAF_CHECK(x == stores.memory.get());
      continue;
    }
    CAF_REQUIRE_EQUAL(found.events->size(), query.upto - query.after);
    for (std::size_t i = 0; i < found.events->size(); ++i)
      CAF_CHECK_EQUAL(describe((*found.events)[i]), life.past[query.after + i]);
  }
}

void check_sessions(pair_of_stores& stores) {
  auto a = stores.memory->sessions();
  auto b = stores.sqlite->sessions();
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  CAF_CHECK(a == b);
  for (unsigned char i = 0; i < 8; ++i)
    CAF_CHECK_EQUAL(describe(stores.memory->find_session({i})),
                    describe(stores.sqlite->find_session({i})));
}

void check_same(pair_of_stores& stores, std::vector<random_life>& rooms,
                bool trimmed = false) {
  auto a = stores.memory->index();
  auto b = stores.sqlite->index();
  CAF_CHECK(a.open == b.open);
  CAF_CHECK_EQUAL(to_number(a.next_room), to_number(b.next_room));
  CAF_CHECK_EQUAL(to_number(a.next_user), to_number(b.next_user));
  for (auto& life : rooms) {
    for (auto* x : {stores.memory.get(), stores.sqlite.get()}) {
      auto [events, last] = x->load(life.room);
      CAF_CHECK_EQUAL(last, life.past.size());
      auto state = fold(events);
      if (trimmed)
        CAF_CHECK(without_named(state) == without_named(life.state));
      else
        CAF_CHECK(state == life.state);
    }
    for (int i = 0; i < 20; ++i) {
      auto query = life.query();
      CAF_REQUIRE_EQUAL(describe(stores.memory->read(query)),
                        describe(stores.sqlite->read(query)));
    }
    if (!trimmed)
      for (int i = 0; i < 20; ++i)
        check_past(stores, life, life.stretch());
  }
  check_sessions(stores);
}

} // namespace

CAF_TEST(both stores keep and give back the same) {
  pair_of_stores stores;
  std::int64_t next_user = to_number(first_user_id);
  std::vector<random_life> rooms;
  for (unsigned i = 0; i < 3; ++i)
    rooms.emplace_back(i, room_id{1000 + i}, next_user);
  for (int round = 0; round < 60; ++round) {
    std::vector<std::pair<room_id, room_events>> batch;
    for (auto& life : rooms)
      batch.emplace_back(life.room, life.some());
    stores.append(batch);
    auto key = rooms[0].any_session();
    if (rooms[0].below(4) != 0)
      stores.change(
        store_message::keep_session{key, "socket " + std::to_string(round)});
    else
      stores.change(store_message::forget_session{key});
    if (round % 10 == 9) {
      check_same(stores, rooms);
      stores.reopen();
      check_same(stores, rooms);
    }
  }
}

CAF_TEST(closed rooms are not opened again and their ids not given again) {
  pair_of_stores stores;
  std::int64_t next_user = 100;
  std::vector<random_life> rooms;
  rooms.emplace_back(7U, room_id{1000}, next_user);
  rooms.emplace_back(8U, room_id{1001}, next_user);
  stores.append(
    {{room_id{1000}, rooms[0].some()}, {room_id{1001}, rooms[1].some()}});
  room_events closing{room_event::closed{close_reason::closed}};
  rooms[1].note(closing.front());
  stores.append({{room_id{1001}, closing}});
  check_same(stores, rooms);
  auto found = stores.sqlite->index();
  CAF_CHECK(found.open == std::vector{room_id{1000}});
  CAF_CHECK_EQUAL(to_number(found.next_room), 1002);
}

CAF_TEST(retention deletes the same messages and keeps the state) {
  pair_of_stores stores;
  std::int64_t next_user = 100;
  std::vector<random_life> rooms;
  rooms.emplace_back(3U, room_id{1000}, next_user);
  stores.append({{room_id{1000}, rooms[0].some()}});
  for (int i = 0; i < 100; ++i) {
    room_events posts{rooms[0].post()};
    rooms[0].now += std::chrono::seconds{1};
    rooms[0].note(posts.front());
    stores.append({{room_id{1000}, posts}});
  }
  auto trim = [&](const retention& keep) {
    while (stores.sqlite->trim(keep, rooms[0].now))
      ;
    stores.memory->trim(keep, rooms[0].now);
    check_same(stores, rooms, true);
    stores.reopen();
    check_same(stores, rooms, true);
  };
  trim({std::nullopt, 60});
  page_query all{room_id{1000}, 0, {}, 200, {}, {}};
  auto last = rooms[0].state.last_seq;
  auto first_kept = stores.sqlite->read(all).messages.front()->seq;
  CAF_CHECK_GREATER_OR_EQUAL(first_kept, last - 59);
  CAF_MESSAGE("by age: all but the last ten seconds");
  trim({std::chrono::seconds{10}, std::nullopt});
  first_kept = stores.sqlite->read(all).messages.front()->seq;
  CAF_CHECK_GREATER_OR_EQUAL(first_kept, last - 10);
  CAF_MESSAGE("even when nothing is left, seq goes on");
  rooms[0].now += std::chrono::hours{1};
  trim({std::chrono::seconds{10}, std::nullopt});
  CAF_CHECK(stores.sqlite->read(all).messages.empty());
  CAF_CHECK_EQUAL(fold(stores.sqlite->load(room_id{1000}).events).last_seq,
                  last);
  CAF_MESSAGE("who missed something that was deleted cannot be told");
  auto past = rooms[0].past.size();
  for (auto* x : {stores.memory.get(), stores.sqlite.get()}) {
    CAF_CHECK(
      !x->read(past_query{room_id{1000}, past - 3, past, 1'000'000}).events);
    CAF_CHECK(x->read(past_query{room_id{1000}, past, past, 1'000'000}).events);
  }
}

CAF_TEST(retention deletes closed rooms but does not give their ids again) {
  pair_of_stores stores;
  std::int64_t next_user = 100;
  random_life life{3U, room_id{1000}, next_user};
  stores.append({{room_id{1000}, life.some()}});
  room_events closing{room_event::closed{close_reason::closed}};
  stores.append({{room_id{1000}, closing}});
  auto later = std::chrono::time_point_cast<std::chrono::milliseconds>(
    std::chrono::system_clock::now() + std::chrono::hours{2});
  retention keep{std::chrono::hours{1}, std::nullopt};
  while (stores.sqlite->trim(keep, later))
    ;
  CAF_CHECK(stores.sqlite->load(room_id{1000}).events.empty());
  stores.reopen();
  CAF_CHECK_EQUAL(to_number(stores.sqlite->index().next_room), 1001);
  CAF_CHECK_EQUAL(to_number(stores.sqlite->index().next_user), next_user);
}

CAF_TEST(of each session the last seats that ended are kept) {
  pair_of_stores stores;
  std::int64_t next_user = 100;
  session_key key{7};
  stores.change(store_message::keep_session{key, "socket"});
  for (int i = 0; i < 40; ++i) {
    random_life life{3U, room_id{1000 + i}, next_user};
    auto made = life.next();
    auto host = std::get<room_event::created>(made).host;
    room_events events{made, room_event::seated{host.id, key}};
    if (i != 0)
      events.emplace_back(room_event::closed{close_reason::closed});
    stores.append({{room_id{1000 + i}, events}});
  }
  check_sessions(stores);
  auto found = stores.sqlite->find_session(key);
  CAF_REQUIRE_EQUAL(found->seats.size(), ended_seats_kept + 2);
  CAF_CHECK(!found->seats.front().ended);
  stores.reopen();
  check_sessions(stores);
  stores.change(store_message::forget_session{key});
  check_sessions(stores);
  stores.change(store_message::keep_session{key, "another"});
  check_sessions(stores);
}

CAF_TEST(a stretch of the past that is too large is not given) {
  pair_of_stores stores;
  std::int64_t next_user = 100;
  random_life life{3U, room_id{1000}, next_user};
  room_events events{life.next()};
  life.note(events.front());
  for (int i = 0; i < 9; ++i) {
    events.push_back(life.post());
    life.note(events.back());
  }
  stores.append({{room_id{1000}, events}});
  for (auto* x : {stores.memory.get(), stores.sqlite.get()}) {
    std::size_t least = 0;
    while (!x->read(past_query{room_id{1000}, 2, 7, least}).events)
      ++least;
    CAF_CHECK_GREATER(least, 5u * 512);
    CAF_CHECK_LESS(least, 5u * (512 + 2 * (200 + 300)));
  }
}
