#include "actors/runtime/directory.hpp"

#define CAF_SUITE actors.runtime.directory
#include "tests/test.hpp"

#include <atomic>
#include <deque>
#include <thread>

using namespace observer;
using namespace observer::runtime;

namespace {

void describe(actor_record& record, caf::actor_id id, const char* kind,
              int loop) {
  record.id = id;
  record.kind = kind;
  record.loop = loop;
}

/// A directory for two loops, with actors that were not made.
struct fixture {
  directory actors{2};
  std::deque<actor_record> records;

  actor_record& add(caf::actor_id id, const char* kind, int loop) {
    auto& record = records.emplace_back();
    describe(record, id, kind, loop);
    actors.add(record);
    return record;
  }

  [[nodiscard]] std::vector<caf::actor_id> ids() const {
    std::vector<caf::actor_id> result;
    for (auto& info : actors.list())
      result.push_back(info.id);
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(directory_tests, fixture)

CAF_TEST(actors of all loops are listed in the order of their ids) {
  add(7, "room", 1);
  add(3, "session", 0);
  add(5, "event_store", -1);
  add(9, "room", 17); // more loops than it was made for
  CAF_CHECK_EQUAL(ids(), (std::vector<caf::actor_id>{3, 5, 7, 9}));
  CAF_CHECK_EQUAL(actors.count("room"), 2u);
  CAF_CHECK_EQUAL(actors.count("hub"), 0u);
}

CAF_TEST(actors of a kind are listed and added up) {
  auto& tea = add(7, "room", 1);
  auto& coffee = add(3, "room", 0);
  add(5, "hub", 0);
  tea.enqueued = 5; // of which 3 were there when it ran last, all handled
  tea.enqueued_then = 3;
  coffee.left_in_mailbox = 1;
  auto rooms = actors.list("room");
  CAF_REQUIRE_EQUAL(rooms.size(), 2u);
  CAF_CHECK_EQUAL(rooms.front().id, 3u);
  auto totals = actors.totals();
  CAF_REQUIRE_EQUAL(totals.size(), 2u);
  CAF_CHECK_EQUAL(totals.front().kind, "hub");
  CAF_CHECK_EQUAL(totals.front().actors, 1u);
  CAF_CHECK_EQUAL(totals.back().kind, "room");
  CAF_CHECK_EQUAL(totals.back().actors, 2u);
  CAF_CHECK_EQUAL(totals.back().mailbox, 3u);
  CAF_CHECK_EQUAL(totals.back().mailbox_max, 2u);
}

CAF_TEST(an actor is found by its id until it is removed) {
  auto& room = add(7, "room", 1);
  add(8, "room", 1);
  auto found = actors.find(7);
  CAF_REQUIRE(found.has_value());
  CAF_CHECK_EQUAL(found->kind, "room");
  CAF_CHECK(actors.set_trace(7, true));
  CAF_CHECK(room.trace.load());
  actors.remove(room);
  CAF_CHECK(!actors.find(7).has_value());
  CAF_CHECK(!actors.set_trace(7, false));
  CAF_CHECK(actors.address_of(7) == nullptr);
  CAF_CHECK_EQUAL(ids(), (std::vector<caf::actor_id>{8}));
}

CAF_TEST(whom an actor watches is known) {
  auto& room = add(7, "room", 1);
  actors.add_watch(room, 3);
  actors.add_watch(room, 4);
  actors.remove_watch(room, 3);
  auto found = actors.find(7);
  CAF_REQUIRE(found.has_value());
  CAF_CHECK_EQUAL(found->watching, (std::vector<caf::actor_id>{4}));
}

CAF_TEST(a list has all that stay while others come and go) {
  constexpr caf::actor_id stay = 1000;
  for (caf::actor_id id = 1; id <= stay; ++id)
    add(id, "session", static_cast<int>(id % 2));
  std::atomic<bool> over{false};
  std::thread visitors{[&] {
    actor_record visitor;
    for (caf::actor_id id = stay + 1; !over; ++id) {
      describe(visitor, id, "visitor", static_cast<int>(id % 2));
      actors.add(visitor);
      actors.remove(visitor);
    }
  }};
  for (int i = 0; i < 50; ++i) {
    auto all = ids();
    CAF_REQUIRE_GREATER_OR_EQUAL(all.size(), stay);
    CAF_CHECK_EQUAL(all[stay - 1], stay);
  }
  over = true;
  visitors.join();
}

CAF_TEST_FIXTURE_SCOPE_END()
