#include "net/gateway/query_actor.hpp"

#include "tests/actors/support.hpp"

#define CAF_SUITE net.gateway.query_actor
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;
using gateway::answer_budget;
using gateway::query_actor;
using gateway::read_messages;
using gateway::read_room;
using gateway::read_snapshots;

namespace {

struct fixture : house {
  answer_budget budget{50'000, met.answer_bytes};
  query_actor asker = make_asker();
  guest ada{*this};

  fixture() {
    ada.hosts({.name = "Ada"});
  }

  query_actor make_asker() {
    return system->spawn<gateway::query>(place(), registry, store, budget, met);
  }

  /// Where an answer will be.
  struct slot {
    std::optional<http::response> answer;

    [[nodiscard]] unsigned status() const {
      return answer ? answer->result_int() : 0;
    }

    [[nodiscard]] const std::string& body() const {
      return *answer->body();
    }
  };

  using slot_ptr = std::shared_ptr<slot>;

  template <class Question>
  slot_ptr ask(Question what) {
    auto result = std::make_shared<slot>();
    http::responder respond = [result](http::response out) {
      CAF_CHECK(!result->answer); // one answer
      result->answer = std::move(out);
    };
    caf::anon_send(asker, std::move(what), std::move(respond));
    return result;
  }

  template <class Question>
  slot_ptr get(Question what) {
    auto result = ask(std::move(what));
    run();
    return result;
  }

  std::uint64_t asked_rooms() {
    for (auto& info : directory.list())
      if (info.kind == "room")
        for (auto& [type, count] : info.types)
          if (type == "describe_room")
            return count;
    return 0;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(query_actor_tests, fixture)

CAF_TEST(those who ask for the same thing share one answer) {
  auto first = ask(registry_message::list_rooms{});
  auto second = ask(registry_message::list_rooms{});
  auto third = ask(registry_message::list_rooms{});
  auto other = ask(registry_message::list_rooms{{}, 5});
  run();
  for (auto& x : {first, second, third, other})
    CAF_REQUIRE_EQUAL(x->status(), 200u);
  CAF_MESSAGE("the first was under way already when the others came");
  CAF_CHECK(&first->body() != &second->body());
  CAF_CHECK(&second->body() == &third->body());
  CAF_CHECK_EQUAL(first->body(), other->body());
  CAF_CHECK_EQUAL(asked_rooms(), 3u);
}

CAF_TEST(an answer is not older than its request) {
  auto before = get(read_room{ada.room});
  ada.says("hello");
  auto after = get(read_room{ada.room});
  CAF_CHECK(before->body().find("\"last_seq\":0") != std::string::npos);
  CAF_CHECK(after->body().find("\"last_seq\":1") != std::string::npos);
}

CAF_TEST(answers that nobody reads are bounded) {
  std::vector<slot_ptr> held;
  for (int i = 0; i < 1000; ++i) {
    held.push_back(
      get(registry_message::list_users{{}, static_cast<std::uint32_t>(1 + i)}));
    if (held.back()->status() == 503)
      break;
  }
  CAF_REQUIRE_EQUAL(held.back()->status(), 503u);
  std::size_t bytes = 0;
  for (auto& x : held)
    if (x->status() == 200)
      bytes += x->body().size();
  CAF_CHECK_LESS(bytes, 50'001u);
  CAF_CHECK_EQUAL(met.answer_bytes.load(), 1u);
  CAF_MESSAGE("once they are read there is room again");
  held.clear();
  CAF_CHECK_EQUAL(get(registry_message::list_users{})->status(), 200u);
}

CAF_TEST(a list leads to its next page) {
  ada.hosts({.name = "Ada"});
  auto first = get(registry_message::list_rooms{{}, 1, true});
  CAF_CHECK_EQUAL((*first->answer)[http::field::link],
                  "</api/room?after=1000&limit=1&fields=summary>; "
                  "rel=\"next\"");
  auto last = get(registry_message::list_rooms{room_id{1000}, 1});
  CAF_CHECK_EQUAL((*last->answer)[http::field::link], "");
  auto users = get(registry_message::list_users{{}, 1});
  CAF_CHECK_EQUAL((*users->answer)[http::field::link],
                  "</api/users?after=100&limit=1>; rel=\"next\"");
  CAF_CHECK_EQUAL(met.list_length.load(), 2u);
}

CAF_TEST(messages are for those who may read them) {
  configure_request closed;
  closed.room = ada.room;
  closed.password = "tea";
  ada.ask(closed);
  auto status = [&](std::optional<std::string> password,
                    std::optional<std::string> token = {}) {
    read_messages what;
    what.query.room = ada.room;
    what.who = {ada.room, std::move(password), std::move(token)};
    return get(what)->status();
  };
  CAF_CHECK_EQUAL(status({}), 403u);
  CAF_CHECK_EQUAL(status("coffee"), 403u);
  CAF_CHECK_EQUAL(status("tea"), 200u);
  CAF_CHECK_EQUAL(status({}, ada.token), 200u);
  read_messages nowhere;
  nowhere.query.room = room_id{1};
  nowhere.who.room = room_id{1};
  CAF_CHECK_EQUAL(get(nowhere)->status(), 404u);
}

CAF_TEST(a lane that is too long is closed) {
  end();
  start();
  asker = make_asker();
  storage.silent = true; // the first list waits for its room
  std::vector<slot_ptr> asked;
  for (std::uint32_t i = 0; i < 300; ++i)
    asked.push_back(get(registry_message::list_users{user_id{i}}));
  auto refused = std::count_if(asked.begin(), asked.end(),
                               [](auto& x) { return x->status() == 503; });
  CAF_CHECK_EQUAL(refused, 300 - 256 - 1);
  CAF_MESSAGE("those who want what is waited for already may join");
  CAF_CHECK_EQUAL(get(registry_message::list_users{user_id{7}})->status(), 0u);
  CAF_MESSAGE("other questions have another lane");
  CAF_CHECK_EQUAL(get(read_room{room_id{1}})->status(), 404u);
}

CAF_TEST(the snapshots of all actors of a kind come together) {
  std::vector<std::unique_ptr<guest>> guests;
  for (int i = 0; i < 100; ++i)
    guests.push_back(std::make_unique<guest>(*this));
  auto all = get(read_snapshots{"session"});
  std::size_t count = 0;
  for (auto at = all->body().find("\"socket_id\""); at != std::string::npos;
       at = all->body().find("\"socket_id\"", at + 1))
    ++count;
  CAF_CHECK_EQUAL(count, 101u);
  auto none = get(read_snapshots{"nothing"});
  CAF_CHECK_EQUAL(none->body(), "[]");
  auto itself = get(read_snapshots{"query"});
  CAF_CHECK(itself->body().find("\"requests\":3") != std::string::npos);
  auto one = get(gateway::read_snapshot{asker.id()});
  CAF_CHECK_EQUAL(one->status(), 200u);
  CAF_CHECK_EQUAL(get(gateway::read_snapshot{0})->status(), 404u);
}

CAF_TEST_FIXTURE_SCOPE_END()
