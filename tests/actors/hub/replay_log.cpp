#include "actors/hub/replay_log.hpp"

#define CAF_SUITE actors.hub.replay_log
#include "tests/test.hpp"

using namespace observer;
using std::chrono::seconds;

namespace {

using source = replay_log::source;

struct numbered final : encoded_event {
  explicit numbered(const event_id& id) : encoded_event(id, 100, false) {
  }
};

struct fixture {
  replay_log::source_ptr tea = std::make_shared<source>(room_id{1000});
  replay_log::source_ptr coffee = std::make_shared<source>(room_id{1001});
  replay_log log{seconds{60}, 1'000'000};
  replay_log::listener ben = log.begin(session_id{7});
  monotonic now{seconds{1000}};
  std::uint64_t number = 0;

  frame next(room_id room) {
    return std::make_shared<numbered>(event_id{room, 0, 1, ++number});
  }

  /// In a room, or to one client alone.
  event_id say(const replay_log::source_ptr& where, session_id except = {}) {
    log.add(where, except, next(where->room()), now);
    return {where->room(), 0, 1, number};
  }

  /// Numbers of the events that Ben missed since `last`.
  std::optional<std::vector<std::uint64_t>> missed(const event_id& last) {
    auto frames = log.missed(ben, last, 1'000'000);
    if (!frames)
      return std::nullopt;
    std::vector<std::uint64_t> result;
    for (auto& x : *frames)
      result.push_back(x->id().number);
    return result;
  }
};

using numbers = std::vector<std::uint64_t>;

} // namespace

CAF_TEST_FIXTURE_SCOPE(replay_log_tests, fixture)

CAF_TEST(only what could be heard was missed) {
  say(tea);
  log.enter(ben, tea);
  auto last = say(tea);
  say(coffee);
  say(tea, session_id{7});
  say(tea, session_id{8});
  say(ben.own);
  say(log.begin(session_id{8}).own);
  CAF_CHECK(*missed(last) == (numbers{5, 6}));
  log.leave(ben, tea);
  say(tea);
  CAF_CHECK(*missed(last) == (numbers{5, 6}));
  log.enter(ben, tea);
  say(tea);
  CAF_CHECK(*missed(last) == (numbers{5, 6, 9}));
}

CAF_TEST(who heard nothing missed everything since it began) {
  CAF_CHECK(missed({})->empty());
  log.enter(ben, tea);
  say(tea);
  CAF_CHECK(*missed({}) == numbers{1});
}

CAF_TEST(after a long quiet time the last event may be gone from the log) {
  log.enter(ben, tea);
  auto last = say(tea);
  now += seconds{1000};
  say(coffee);
  CAF_CHECK(missed(last)->empty());
  CAF_MESSAGE("what came behind it is there");
  say(tea);
  CAF_CHECK(*missed(last) == numbers{3});
}

CAF_TEST(what may have been missed and is gone cannot be made up for) {
  log.enter(ben, tea);
  auto first = say(tea);
  say(tea);
  now += seconds{1000};
  say(coffee);
  CAF_CHECK(!missed(first));
  CAF_CHECK(!missed({}));
  CAF_CHECK(!missed({tea->room(), 0, 2, 2}));
}

CAF_TEST(the log holds no more bytes than it may) {
  replay_log small{seconds{60}, 1000};
  auto who = small.begin(session_id{7});
  small.enter(who, tea);
  for (int i = 0; i < 50; ++i)
    small.add(tea, {}, next(tea->room()), now);
  auto recent = small.missed(who, {tea->room(), 0, 1, 48}, 1000);
  CAF_CHECK_EQUAL(recent->size(), 2u);
  CAF_CHECK(!small.missed(who, {tea->room(), 0, 1, 20}, 1'000'000));
}

CAF_TEST(a client that missed too much begins anew) {
  log.enter(ben, tea);
  for (int i = 0; i < 5; ++i)
    say(tea); // 100 bytes each
  CAF_CHECK(log.missed(ben, {}, 500));
  CAF_CHECK(!log.missed(ben, {}, 499));
}

CAF_TEST(what was heard before the log began is as good as nothing) {
  event_id earlier{coffee->room(), 7, 9, 5};
  ben.last = earlier;
  log.enter(ben, tea);
  say(tea);
  CAF_CHECK(*missed(earlier) == numbers{1});
  CAF_CHECK(!missed({}));
  CAF_CHECK(missed({tea->room(), 0, 1, 1})->empty());
}

CAF_TEST(rooms and clients that nobody asks for any more leave nothing) {
  std::vector<std::weak_ptr<source>> visits;
  for (int i = 0; i < 1000; ++i) {
    auto room = std::make_shared<source>(room_id{2000 + i});
    auto visitor = log.begin(session_id{100});
    log.enter(visitor, room);
    say(room);
    say(visitor.own);
    log.leave(visitor, room);
    visits.emplace_back(room);
    visits.emplace_back(visitor.own);
  }
  auto left = [&] {
    return std::count_if(visits.begin(), visits.end(),
                         [](auto& x) { return !x.expired(); });
  };
  CAF_CHECK_EQUAL(left(), 2000);
  now += seconds{1000};
  say(tea);
  CAF_CHECK_EQUAL(left(), 0);
}

CAF_TEST(who left a room that is empty now may have heard there last) {
  log.enter(ben, tea);
  auto last = say(tea);
  log.leave(ben, tea);
  tea = nullptr;
  now += seconds{1000};
  say(coffee);
  CAF_CHECK(missed(last)->empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
