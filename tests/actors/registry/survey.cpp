#include "actors/registry/survey.hpp"

#include <algorithm>

#define CAF_SUITE actors.registry.survey
#include "tests/test.hpp"

using namespace observer;

namespace {

using ids = std::vector<std::int64_t>;

/// A room with `members`, the first of which has the id `user`.
room_data_ptr make_room(std::int64_t id, std::size_t members,
                        std::int64_t user = 100) {
  auto result = std::make_shared<room_data>();
  result->id = room_id{id};
  for (std::size_t i = 0; i < members; ++i)
    result->participants.push_back(
      {user_id{user++},
       "user",
       i == 0 ? role::host : role::observer,
       i == 0 ? presence::online : presence::offline,
       {}});
  return result;
}

/// Rooms that answer when the test wants them to.
struct fixture {
  std::map<std::int64_t, room_data_ptr> rooms;
  std::vector<std::int64_t> asked;
  std::size_t most = 0; ///< asked at a time
  room_page_ptr page;
  user_page_ptr users;

  room_survey list(std::size_t limit, std::size_t members, bool summary = false,
                   std::optional<room_id> after = {}) {
    return {after, limit, members, summary,
            [this](room_page_ptr x) { page = std::move(x); }};
  }

  /// Asks as the registry does; those who were asked last answer first.
  void run(survey& one) {
    std::vector<std::int64_t> open;
    for (;;) {
      auto i = one.last_asked()
                 ? rooms.upper_bound(to_number(*one.last_asked()))
                 : rooms.begin();
      for (; i != rooms.end() && one.wants_room(); ++i) {
        one.asks(room_id{i->first}, caf::message_id{});
        open.push_back(i->first);
        asked.push_back(i->first);
      }
      most = std::max(most, open.size());
      if (!one.is_waiting())
        return one.finish(i != rooms.end());
      one.hears(room_id{open.back()}, rooms.at(open.back()));
      open.pop_back();
    }
  }

  ids listed() {
    ids result;
    for (auto& x : page->rooms)
      result.push_back(to_number(x.room->id));
    return result;
  }

  ids listed_users() {
    ids result;
    for (auto& x : users->users)
      result.push_back(to_number(x.user.id));
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(survey_tests, fixture)

CAF_TEST(without rooms the page is empty) {
  auto one = list(10, 10);
  run(one);
  CAF_CHECK(listed().empty());
  CAF_CHECK(!page->next);
}

CAF_TEST(only the rooms of the page are asked) {
  for (std::int64_t id = 1000; id < 1100; ++id)
    rooms[id] = make_room(id, 1);
  auto one = list(3, 10'000, false, room_id{1004});
  run(one);
  CAF_CHECK(listed() == (ids{1005, 1006, 1007}));
  CAF_CHECK(asked == (ids{1005, 1006, 1007}));
  CAF_CHECK(page->next == room_id{1007});
}

CAF_TEST(a few rooms are asked at a time) {
  for (std::int64_t id = 1000; id < 1100; ++id)
    rooms[id] = make_room(id, 1);
  auto one = list(1000, 10'000);
  run(one);
  CAF_CHECK_EQUAL(listed().size(), 100u);
  CAF_CHECK_EQUAL(most, survey::width);
  CAF_CHECK(!page->next);
}

CAF_TEST(rooms that are gone make room for others) {
  rooms = {{1000, nullptr},
           {1001, make_room(1001, 1)},
           {1002, nullptr},
           {1003, make_room(1003, 1)},
           {1004, nullptr}};
  auto one = list(2, 10'000);
  run(one);
  CAF_CHECK(listed() == (ids{1001, 1003}));
}

CAF_TEST(a page ends before its members are too many) {
  for (std::int64_t id = 1000; id < 1100; ++id)
    rooms[id] = make_room(id, 4);
  auto one = list(1000, 10);
  run(one);
  CAF_CHECK(listed() == (ids{1000, 1001}));
  CAF_CHECK(page->next == room_id{1001});
  CAF_CHECK_LESS(asked.size(), 2 * survey::width);
  CAF_MESSAGE("the first room is always there");
  rooms = {{1000, make_room(1000, 50)}, {1001, make_room(1001, 1)}};
  auto big = list(1000, 10);
  run(big);
  CAF_CHECK(listed() == ids{1000});
  CAF_CHECK(page->next == room_id{1000});
}

CAF_TEST(a summary has counts instead of members) {
  rooms = {{1000, make_room(1000, 50)}, {1001, make_room(1001, 1)}};
  auto one = list(1000, 10, true);
  run(one);
  CAF_CHECK(listed() == (ids{1000, 1001}));
  auto& row = page->rooms.front();
  CAF_CHECK(row.room->participants.empty());
  CAF_CHECK_EQUAL(row.heads.participants, 1u);
  CAF_CHECK_EQUAL(row.heads.observers, 49u);
  CAF_CHECK_EQUAL(row.heads.online, 1u);
}

CAF_TEST(users are the smallest ids of all rooms) {
  for (std::int64_t i = 0; i < 100; ++i)
    rooms[1000 + i] = make_room(1000 + i, 3, 1000 - 10 * i);
  user_survey one{user_id{20}, 4,
                  [this](user_page_ptr x) { users = std::move(x); }};
  run(one);
  CAF_CHECK_EQUAL(asked.size(), 100u);
  CAF_CHECK(listed_users() == (ids{21, 22, 30, 31}));
  CAF_CHECK(users->next == user_id{31});
  CAF_CHECK_EQUAL(to_number(users->users.back().room), 1097);
  user_survey rest{user_id{990}, 12,
                   [this](user_page_ptr x) { users = std::move(x); }};
  run(rest);
  CAF_CHECK(listed_users() == (ids{991, 992, 1000, 1001, 1002}));
  CAF_CHECK(!users->next);
}

CAF_TEST(what is given up is in no answer) {
  rooms = {{1000, make_room(1000, 1)}, {1001, make_room(1001, 1)}};
  auto one = list(10, 10);
  one.asks(room_id{1000}, caf::message_id{});
  one.asks(room_id{1001}, caf::message_id{});
  one.hears(room_id{1001}, rooms.at(1001));
  CAF_CHECK_EQUAL(one.give_up().size(), 1u);
  CAF_CHECK(!one.is_waiting());
  one.finish(false);
  CAF_CHECK(listed() == ids{1001});
}

CAF_TEST_FIXTURE_SCOPE_END()
