#include "actors/runtime/watchdog.hpp"

#include "actors/runtime/inspectable.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <boost/asio/post.hpp>

#include <future>
#include <memory>
#include <optional>
#include <semaphore>

namespace observer::watchdog_tests {

/// How the test holds an actor up, and lets it go on.
struct barrier {
  std::binary_semaphore reached{0};
  std::binary_semaphore open{0};
};

struct wait_here {
  std::shared_ptr<barrier> where;
};

struct pass_by {};

using sleeper_actor
  = caf::typed_actor<caf::reacts_to<wait_here>, caf::reacts_to<pass_by>>;

} // namespace observer::watchdog_tests

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::watchdog_tests::wait_here)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::watchdog_tests::pass_by)

#define CAF_SUITE actors.runtime.watchdog
#include "tests/test.hpp"

using namespace observer;
using namespace observer::runtime;
using namespace observer::watchdog_tests;
using namespace std::chrono_literals;

namespace {

class sleeper final : public inspectable<sleeper_actor> {
public:
  sleeper(caf::actor_config& config, const placement& where)
    : inspectable(config, where, "sleeper", "Dornröschen") {
  }

  behavior_type make_behavior() override {
    return {
      on([](const wait_here& x) {
        x.where->reached.release();
        x.where->open.acquire();
      }),
      on([](const pass_by&) {}),
    };
  }
};

/// Loops that run, and a watchdog that looks when the test says so, at a time
/// that it says.
struct fixture {
  loops all{1, 1, 0ms};
  directory actors{2};
  caf::actor_system_config settings;
  std::optional<caf::actor_system> house;
  watchdog dog{all, actors};
  monotonic now = std::chrono::steady_clock::now();

  fixture() {
    settings.set("logger.file-verbosity", caf::atom("quiet"));
    settings.set("logger.verbosity", caf::atom("quiet"));
    all.install(settings);
    house.emplace(settings);
    dog.look(now);
  }

  sleeper_actor sleeper_on(loop& where) {
    return house->spawn<sleeper>(placement{where, actors, &where});
  }

  /// Until the loop has done what there was to do.
  static void settle(loop& which) {
    std::promise<void> done;
    boost::asio::post(which.context(), [&] { done.set_value(); });
    done.get_future().wait();
  }

  /// An actor that is in a handler; whoever forgets it lets it go on.
  std::shared_ptr<barrier> hold(const sleeper_actor& who) {
    auto where = std::make_shared<barrier>();
    caf::anon_send(who, wait_here{where});
    where->reached.acquire();
    return where;
  }

  /// Looks as often as the thread would for so long; the loops but the one that
  /// is held up do meanwhile what there is to do.
  void look_for(std::chrono::milliseconds time, loop* held_up = nullptr) {
    for (auto end = now + time; now < end;) {
      for (auto* each : {&all[0], &all.blocking(0)})
        if (each != held_up)
          settle(*each);
      now += watchdog::period;
      dog.look(now);
    }
  }

  void let_go(const std::shared_ptr<barrier>& where, loop& which) {
    where->open.release();
    settle(which);
    settle(which); // the actor's messages that came behind it
    look_for(watchdog::period);
  }

  std::optional<raised_alarm> find(alarm_kind what) {
    for (auto& x : actors.alarms().raised())
      if (x.what == what)
        return x;
    return std::nullopt;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(watchdog_tests_scope, fixture)

CAF_TEST(loops that work or sleep raise no alarm) {
  auto who = sleeper_on(all[0]);
  for (int i = 0; i < 100; ++i) {
    caf::anon_send(who, pass_by{});
    look_for(50ms);
  }
  CAF_CHECK(actors.alarms().counts().empty());
}

CAF_TEST(a handler is slow while it goes on and no longer) {
  auto who = sleeper_on(all[0]);
  auto held = hold(who);
  look_for(100ms, &all[0]);
  CAF_CHECK(!find(alarm_kind::slow_handler));
  look_for(100ms, &all[0]);
  auto seen = find(alarm_kind::slow_handler);
  CAF_CHECK(!find(alarm_kind::stuck_loop));
  let_go(held, all[0]);
  CAF_REQUIRE(seen);
  CAF_CHECK_EQUAL(seen->subject, who.id());
  auto kind = seen->details.kind;
  auto message = seen->details.message;
  CAF_CHECK_EQUAL(kind, "sleeper");
  CAF_CHECK_EQUAL(message, "wait_here");
  CAF_CHECK(!find(alarm_kind::slow_handler));
}

CAF_TEST(who sent the message is named) {
  auto who = sleeper_on(all[0]);
  caf::scoped_actor self{*house, true};
  auto where = std::make_shared<barrier>();
  self->send(who, wait_here{where});
  where->reached.acquire();
  look_for(200ms, &all[0]);
  auto seen = find(alarm_kind::slow_handler);
  let_go(where, all[0]);
  CAF_REQUIRE(seen);
  CAF_CHECK_EQUAL(seen->details.sender, self->id());
}

CAF_TEST(a loop that gets to nothing new is stuck) {
  auto who = sleeper_on(all[0]);
  auto held = hold(who);
  look_for(400ms, &all[0]);
  auto seen = find(alarm_kind::stuck_loop);
  let_go(held, all[0]);
  CAF_REQUIRE(seen);
  CAF_CHECK_EQUAL(seen->subject, 0U);
  auto kind = seen->details.kind;
  CAF_CHECK_EQUAL(kind, "sleeper");
  CAF_CHECK(!find(alarm_kind::stuck_loop));
}

CAF_TEST(a loop is stuck without an actor as well) {
  barrier held;
  boost::asio::post(all[0].context(), [&] {
    held.reached.release();
    held.open.acquire();
  });
  held.reached.acquire();
  look_for(400ms, &all[0]);
  auto seen = find(alarm_kind::stuck_loop);
  held.open.release();
  settle(all[0]);
  CAF_REQUIRE(seen);
  CAF_CHECK(seen->details.kind.empty());
  CAF_CHECK(!find(alarm_kind::slow_handler));
}

CAF_TEST(who may block has a second) {
  auto who = sleeper_on(all.blocking(0));
  auto held = hold(who);
  look_for(900ms, &all.blocking(0));
  CAF_CHECK(actors.alarms().raised().empty());
  look_for(200ms, &all.blocking(0));
  auto seen = find(alarm_kind::slow_handler);
  CAF_CHECK(!find(alarm_kind::stuck_loop));
  let_go(held, all.blocking(0));
  CAF_CHECK(seen);
}

CAF_TEST(a process that was held up as a whole is not stuck) {
  auto who = sleeper_on(all[0]);
  auto held = hold(who);
  look_for(50ms, &all[0]);
  now += 1h;
  dog.look(now);
  CAF_CHECK(actors.alarms().raised().empty());
  let_go(held, all[0]);
}

CAF_TEST(a mailbox that stays crowded is an alarm until it is half empty) {
  auto who = sleeper_on(all[0]);
  auto first = hold(who);
  // More than one run handles come before the next stop.
  for (int i = 0; i < 100; ++i)
    caf::anon_send(who, pass_by{});
  auto second = std::make_shared<barrier>();
  caf::anon_send(who, wait_here{second});
  for (int i = 0; i < 2000; ++i)
    caf::anon_send(who, pass_by{});
  first->open.release();
  second->reached.acquire();
  look_for(900ms, &all[0]);
  CAF_CHECK(!find(alarm_kind::growing_mailbox));
  look_for(300ms, &all[0]);
  auto seen = find(alarm_kind::growing_mailbox);
  second->open.release();
  while (actors.find(who.id())->mailbox > 0)
    settle(all[0]);
  look_for(watchdog::period);
  CAF_REQUIRE(seen);
  CAF_CHECK_EQUAL(seen->subject, who.id());
  // Those before the second stop count for as long as the run lasts.
  CAF_CHECK(seen->details.figure >= 2000 && seen->details.figure <= 2101);
  CAF_CHECK(!find(alarm_kind::growing_mailbox));
}

CAF_TEST_FIXTURE_SCOPE_END()
