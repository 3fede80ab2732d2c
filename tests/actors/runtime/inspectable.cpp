#include "actors/runtime/inspectable.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <stdexcept>

namespace observer::inspectable_tests {

struct say {
  std::string text;
};

struct leave_now {};

struct fail_now {};

/// What CAF must take care of: somebody waits for the answer.
struct recall {};

using parrot_actor
  = caf::typed_actor<caf::reacts_to<say>, caf::reacts_to<int, say>,
                     caf::reacts_to<leave_now>, caf::reacts_to<fail_now>,
                     caf::replies_to<recall>::with<std::string>>;

} // namespace observer::inspectable_tests

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::inspectable_tests::say)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::inspectable_tests::leave_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::inspectable_tests::fail_now)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::inspectable_tests::recall)

#define CAF_SUITE actors.runtime.inspectable
#include "tests/test.hpp"

using namespace observer;
using namespace observer::inspectable_tests;

namespace {

class still_clock final : public runtime::clock {
public:
  [[nodiscard]] timestamp now() const override {
    return {};
  }

  [[nodiscard]] monotonic steady_now() const override {
    return {};
  }

  void wake_at(monotonic, caf::actor_addr) override {
  }
};

/// Writes down what it hears, and who ended.
class parrot final : public runtime::inspectable<parrot_actor> {
public:
  parrot(caf::actor_config& config, const runtime::placement& where,
         std::string& heard)
    : inspectable(config, where, "parrot", "Polly"),
      heard_(heard) {
    set_down_handler([this](const caf::down_msg&) { heard_ += "[down]"; });
  }

  behavior_type make_behavior() override {
    return {
      on([this](say& x) { heard_ += std::move(x.text); }),
      on([this](int times, const say& x) {
        while (times-- > 0)
          heard_ += x.text;
      }),
      on([this](const leave_now&) { quit(); }),
      on([this](const fail_now&) {
        heard_ += current_sender() ? "[known]" : "[anonymous]";
        throw std::runtime_error{"as asked"};
      }),
      on([this](const recall&) { return heard_; }),
    };
  }

  void on_exit() override {
    heard_ += "[exit]";
    inspectable::on_exit();
  }

  void watch_over(const caf::actor& other) {
    monitor(other);
  }

private:
  std::string& heard_;
};

struct fixture {
  fixture() {
    settings.set("scheduler.policy", caf::atom("testing"));
    settings.set("logger.file-verbosity", caf::atom("quiet"));
    settings.set("logger.verbosity", caf::atom("quiet"));
    house.emplace(settings);
    polly = house->spawn<parrot>(runtime::placement{clock, actors, nullptr},
                                 heard);
    id = polly.id();
    run();
  }

  ~fixture() {
    caf::anon_send_exit(polly, caf::exit_reason::user_shutdown);
    polly = nullptr;
    run();
  }

  void run() {
    scheduler().run();
  }

  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(house->scheduler());
  }

  /// How many messages of a type were handled.
  std::uint64_t count(std::string_view type) {
    auto info = actors.find(id);
    if (info)
      for (auto& [name, count] : info->types)
        if (name == type)
          return count;
    return 0;
  }

  still_clock clock;
  runtime::directory actors;
  std::string heard;
  caf::actor_system_config settings;
  std::optional<caf::actor_system> house;
  parrot_actor polly;
  caf::actor_id id = 0;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(inspectable_tests_scope, fixture)

CAF_TEST(messages are handled in order whatever their type and counted) {
  for (int i = 0; i < 100; ++i) { // more than one turn takes
    caf::anon_send(polly, say{"a"});
    caf::anon_send(polly, 2, say{"b"});
  }
  run();
  std::string expected;
  for (int i = 0; i < 100; ++i)
    expected += "abb";
  CAF_CHECK_EQUAL(heard, expected);
  CAF_CHECK_EQUAL(count("say"), 100U); // and as many behind a number
  auto info = actors.find(id).value();
  CAF_CHECK_EQUAL(info.handled, 200U);
  CAF_CHECK_EQUAL(info.mailbox, 0U);
  CAF_CHECK_EQUAL(info.state, "idle");
}

CAF_TEST(who waits for an answer gets it behind what came before) {
  caf::anon_send(polly, say{"once"});
  caf::scoped_actor self{*house, true};
  auto asked = self->request(polly, caf::infinite, recall{});
  auto told = self->request(polly, caf::infinite, say{"no answer"});
  run();
  std::string answer;
  auto fail = [](const caf::error&) { CAF_FAIL("refused"); };
  asked.receive([&](const std::string& x) { answer = x; }, fail);
  CAF_CHECK_EQUAL(answer, "once");
  told.receive([] {}, fail); // empty, but it comes
  CAF_CHECK_EQUAL(heard, "onceno answer");
  CAF_CHECK_EQUAL(count("recall"), 1U);
  CAF_CHECK_EQUAL(count("say"), 2U);
}

CAF_TEST(messages behind the end are handled no more) {
  caf::anon_send(polly, say{"a"});
  caf::anon_send(polly, leave_now{});
  caf::anon_send(polly, say{"b"});
  run();
  caf::anon_send(polly, say{"c"});
  run();
  CAF_CHECK_EQUAL(heard, "a[exit]");
  CAF_CHECK(!actors.find(id));
}

CAF_TEST(an exception ends the actor and those who wait hear of it) {
  caf::scoped_actor self{*house, true};
  self->monitor(polly);
  self->send(polly, fail_now{});
  caf::anon_send(polly, say{"b"});
  auto asked = self->request(polly, caf::infinite, recall{});
  run();
  CAF_CHECK_EQUAL(heard, "[known][exit]");
  bool refused = false;
  asked.receive([](const std::string&) {},
                [&](const caf::error&) { refused = true; });
  CAF_CHECK(refused);
  self->receive([](const caf::down_msg& x) {
    CAF_CHECK(x.reason == caf::sec::runtime_error);
  });
}

CAF_TEST(what only caf knows reaches the actor as well) {
  auto other = house->spawn<parrot>(runtime::placement{clock, actors, nullptr},
                                    heard);
  run();
  auto* self
    = static_cast<parrot*>(caf::actor_cast<caf::abstract_actor*>(polly));
  self->watch_over(caf::actor_cast<caf::actor>(other));
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
  run();
  CAF_CHECK_EQUAL(heard, "[exit][down]");
  caf::anon_send_exit(polly, caf::exit_reason::user_shutdown);
  run();
  CAF_CHECK_EQUAL(heard, "[exit][down][exit]");
}

CAF_TEST(a handler that took long is an alarm that has passed) {
  using namespace runtime;
  loop home{0, 1};
  actor_record record;
  record.id = 42;
  record.kind = "parrot";
  record.message = "say";
  note_slow(actors, record, &home, 1);
  CAF_CHECK(actors.alarms().counts().empty());
  // A minute of a counter at 1 GHz, some 10 s of faster ones.
  note_slow(actors, record, &home, 60'000'000'000);
  auto counts = actors.alarms().counts();
  CAF_REQUIRE_EQUAL(counts.size(), 1U);
  CAF_CHECK_EQUAL(counts[0].message, "say");
  CAF_CHECK(actors.alarms().raised().empty());
}

CAF_TEST_FIXTURE_SCOPE_END()
