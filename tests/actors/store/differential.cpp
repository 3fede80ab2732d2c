#include "actors/domain/room_state.hpp"
#include "tests/actors/store/support.hpp"

#include <random>

#define CAF_SUITE actors.store.differential
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
    memory->append(batch);
    sqlite->append(batch);
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

/// A room's life by chance, but the same for the same seed.
struct random_life {
  std::mt19937 chance;
  room_id room{};
  domain::room_state state;
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

  room_event::any next() {
    now += std::chrono::milliseconds{below(5000)};
    if (!state.exists())
      return room_event::created{
        room, "room", std::nullopt, 10, newcomer(role::host), token(), now};
    switch (below(12)) {
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
      domain::apply(state, result.back());
    }
    return result;
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

void check_same(pair_of_stores& stores, std::vector<random_life>& rooms,
                bool trimmed = false) {
  auto a = stores.memory->index();
  auto b = stores.sqlite->index();
  CAF_CHECK(a.open == b.open);
  CAF_CHECK_EQUAL(to_number(a.next_room), to_number(b.next_room));
  CAF_CHECK_EQUAL(to_number(a.next_user), to_number(b.next_user));
  for (auto& life : rooms) {
    for (auto* x : {stores.memory.get(), stores.sqlite.get()}) {
      auto state = fold(x->load(life.room));
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
  }
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
  domain::apply(rooms[1].state, closing.front());
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
    domain::apply(rooms[0].state, posts.front());
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
  CAF_CHECK_EQUAL(fold(stores.sqlite->load(room_id{1000})).last_seq, last);
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
  CAF_CHECK(stores.sqlite->load(room_id{1000}).empty());
  stores.reopen();
  CAF_CHECK_EQUAL(to_number(stores.sqlite->index().next_room), 1001);
  CAF_CHECK_EQUAL(to_number(stores.sqlite->index().next_user), next_user);
}
