#include "actors/replay_log.hpp"

#define CAF_SUITE actors.replay_log
#include "tests/test.hpp"

using namespace observer;
using std::chrono::seconds;

namespace {

constexpr room_id tea{1000};
constexpr room_id coffee{1001};

struct numbered final : encoded_event {
  explicit numbered(const event_id& id) : encoded_event(id, 100) {
  }
};

struct fixture {
  replay_log log{seconds{60}, 1'000'000};
  replay_log::listener ben = log.begin(session_id{7});
  monotonic now{seconds{1000}};
  std::uint64_t number = 0;

  frame next(room_id room) {
    return std::make_shared<numbered>(event_id{room, 0, 1, ++number});
  }

  event_id say(room_id room, session_id except = {}) {
    log.add(room, except, next(room), now);
    return {room, 0, 1, number};
  }

  event_id tell(session_id whom) {
    log.add(whom, next(tea), now);
    return {tea, 0, 1, number};
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
  tell(session_id{7});
  tell(session_id{8});
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
  CAF_CHECK(!missed({tea, 0, 2, 2}));
}

CAF_TEST(the log holds no more bytes than it may) {
  replay_log small{seconds{60}, 1000};
  auto who = small.begin(session_id{7});
  small.enter(who, tea);
  for (int i = 0; i < 50; ++i)
    small.add(tea, {}, next(tea), now);
  auto recent = small.missed(who, {tea, 0, 1, 48}, 1000);
  CAF_CHECK_EQUAL(recent->size(), 2u);
  CAF_CHECK(!small.missed(who, {tea, 0, 1, 20}, 1'000'000));
}

CAF_TEST(a client that missed too much begins anew) {
  log.enter(ben, tea);
  for (int i = 0; i < 5; ++i)
    say(tea); // 100 bytes each
  CAF_CHECK(log.missed(ben, {}, 500));
  CAF_CHECK(!log.missed(ben, {}, 499));
}

CAF_TEST(what was heard before the log began is as good as nothing) {
  event_id earlier{coffee, 7, 9, 5};
  ben.last = earlier;
  log.enter(ben, tea);
  say(tea);
  CAF_CHECK(*missed(earlier) == numbers{1});
  CAF_CHECK(!missed({}));
  CAF_CHECK(missed({tea, 0, 1, 1})->empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
