#include "actors/domain/decide.hpp"

#include "actors/domain/secret.hpp"

#define CAF_SUITE actors.domain.decide
#include "tests/test.hpp"

using namespace observer;
using namespace observer::domain;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr user_id host_id{100};

/// A room with its host in it, and a hand to let others in.
struct fixture {
  room_state state;
  timestamp now{seconds{1000}};

  fixture() {
    run(decide(state, host_request{.name = "Ada"}, room_id{1000},
               {host_id, hash_token("host")}, 10, now));
  }

  /// Carries a decision out; the refusal's code otherwise.
  std::optional<errc> run(decision decided) {
    if (auto* no = std::get_if<failure>(&decided))
      return no->code;
    for (auto& event : std::get<room_events>(decided))
      domain::apply(state, event);
    return std::nullopt;
  }

  std::optional<errc> join(std::int64_t id, const std::string& name,
                           role as = role::participant,
                           std::optional<std::string> password = {}) {
    now += seconds{1};
    join_request request;
    request.room = room_id{1000};
    request.name = name;
    request.password = std::move(password);
    request.role = as;
    auto fits = request.password == "sesame";
    return run(
      decide(state, request, fits, {user_id{id}, hash_token(name)}, 10, now));
  }

  std::optional<errc> say(std::int64_t id, std::string text = "hi") {
    message_request request;
    request.text = std::move(text);
    return run(decide(state, user_id{id}, request, now));
  }

  void mute(std::int64_t id, bool muted) {
    CAF_CHECK(
      !run(decide(state, host_id, mute_request{{}, user_id{id}, muted})));
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(decide_tests, fixture)

CAF_TEST(a new room has its host in it and a default name) {
  auto room = describe(state);
  CAF_CHECK_EQUAL(room.name, "Ada's room");
  CAF_CHECK(room.host.id == host_id);
  CAF_CHECK(room.host.role == role::host);
  CAF_CHECK_EQUAL(room.participants.size(), 1u);
}

CAF_TEST(a name is borne once) {
  CAF_CHECK(join(101, "Ada") == errc::name_taken);
  CAF_CHECK(join(101, "Ben") == std::nullopt);
  CAF_CHECK(join(102, "Ben") == errc::name_taken);
}

CAF_TEST(names that look alike are one name) {
  CAF_CHECK(join(101, "ADA") == errc::name_taken);
  CAF_CHECK(join(101, "Ａda") == errc::name_taken);
  CAF_CHECK(!join(101, "B e n"));
  CAF_CHECK(join(102, "b  e\u00A0N") == errc::name_taken);
  CAF_CHECK_EQUAL(state.find(user_id{101})->user.name, "B e n");
}

CAF_TEST(of two names alike in an older store one may go) {
  user other{user_id{101}, "ADA", role::participant, presence::online, now};
  domain::apply(state, room_event::joined{other, hash_token("other")});
  CAF_CHECK(!run(decide(state, user_id{101}, leave_request{})));
  CAF_CHECK(join(102, "ada") == errc::name_taken);
}

CAF_TEST(observers do not count against the capacity) {
  configure_request two;
  two.capacity = 2;
  CAF_CHECK(!run(decide(state, host_id, two)));
  CAF_CHECK(!join(101, "Ben"));
  CAF_CHECK(join(102, "Cid") == errc::room_full);
  CAF_CHECK(!join(102, "Cid", role::observer));
}

CAF_TEST(a locked room and a wrong password keep people out) {
  configure_request change;
  change.password = "sesame";
  change.hash = "hash";
  CAF_CHECK(!run(decide(state, host_id, change)));
  CAF_CHECK(join(101, "Ben") == errc::wrong_password);
  CAF_CHECK(join(101, "Ben", role::participant, "open")
            == errc::wrong_password);
  CAF_CHECK(!join(101, "Ben", role::participant, "sesame"));
  configure_request lock;
  lock.locked = true;
  CAF_CHECK(!run(decide(state, host_id, lock)));
  CAF_CHECK(join(102, "Cid", role::participant, "sesame") == errc::room_locked);
}

CAF_TEST(messages are numbered without holes) {
  CAF_CHECK(!join(101, "Ben"));
  for (int i = 0; i < 3; ++i)
    CAF_CHECK(!say(101));
  CAF_CHECK_EQUAL(state.last_seq, 3u);
}

CAF_TEST(observers and muted members may not speak) {
  CAF_CHECK(!join(101, "Ben", role::observer));
  CAF_CHECK(!join(102, "Cid"));
  CAF_CHECK(say(101) == errc::forbidden);
  mute(102, true);
  CAF_CHECK(say(102) == errc::forbidden);
  mute(102, false);
  CAF_CHECK(!say(102));
}

CAF_TEST(observers and muted members may not send activities) {
  CAF_CHECK(!join(101, "Ben", role::observer));
  CAF_CHECK(!join(102, "Cid"));
  CAF_CHECK(!refuse_activity(state, user_id{102}));
  mute(102, true);
  for (user_id by : {user_id{101}, user_id{102}}) {
    auto no = refuse_activity(state, by);
    CAF_REQUIRE(no.has_value());
    CAF_CHECK(no->code == errc::forbidden);
  }
  mute(102, false);
  CAF_CHECK(!refuse_activity(state, user_id{102}));
}

CAF_TEST(a mute outlasts leaving and joining again) {
  CAF_CHECK(!join(101, "Ben"));
  mute(101, true);
  CAF_CHECK(state.find(user_id{101})->user.muted);
  CAF_CHECK(!run(decide(state, user_id{101}, leave_request{})));
  CAF_CHECK(!join(102, "bEN"));
  CAF_CHECK(state.find(user_id{102})->user.muted);
  CAF_CHECK(say(102) == errc::forbidden);
  CAF_CHECK(!join(103, "Cid"));
  CAF_CHECK(!say(103));

  CAF_MESSAGE("and a restore point");
  CAF_CHECK(!run(decide(state, user_id{102}, leave_request{})));
  room_state again;
  domain::apply(again, restore_point(state));
  CAF_CHECK(again == state);
  CAF_CHECK(!join(104, "Ben"));
  CAF_CHECK(say(104) == errc::forbidden);

  CAF_MESSAGE("until the host takes it back");
  mute(104, false);
  CAF_CHECK(!say(104));
  CAF_CHECK(!run(decide(state, user_id{104}, leave_request{})));
  CAF_CHECK(!join(105, "Ben"));
  CAF_CHECK(!say(105));
}

CAF_TEST(only the host moderates) {
  CAF_CHECK(!join(101, "Ben"));
  kick_request kick;
  kick.user = host_id;
  CAF_CHECK(run(decide(state, user_id{101}, kick)) == errc::forbidden);
  CAF_CHECK(run(decide(state, user_id{101}, close_request{}))
            == errc::forbidden);
  CAF_CHECK(run(decide(state, host_id, kick)) == errc::bad_request);
  kick.user = user_id{555};
  CAF_CHECK(run(decide(state, host_id, kick)) == errc::user_not_found);
}

CAF_TEST(a ban keeps the name and the token out) {
  CAF_CHECK(!join(101, "Ben"));
  kick_request kick;
  kick.user = user_id{101};
  kick.ban = true;
  CAF_CHECK(!run(decide(state, host_id, kick)));
  for (auto* name : {"Ben", "BEN", "ben", "Ｂen"})
    CAF_CHECK(join(102, name) == errc::forbidden);
  auto place = find_place(state, rejoin_request{room_id{1000}, "Ben", {}});
  CAF_REQUIRE(std::holds_alternative<failure>(place));
  CAF_CHECK(std::get<failure>(place).code == errc::forbidden);
}

CAF_TEST(the participant longest there becomes host) {
  CAF_CHECK(!join(101, "Watcher", role::observer));
  CAF_CHECK(!join(102, "Ben"));
  CAF_CHECK(!join(103, "Cid"));
  CAF_CHECK(!run(decide(state, host_id, leave_request{})));
  CAF_CHECK(state.host == user_id{102});
  CAF_CHECK(describe(state).participants.front().id == user_id{102});
}

CAF_TEST(a room with nobody but observers closes) {
  CAF_CHECK(!join(101, "Watcher", role::observer));
  CAF_CHECK(!run(decide(state, host_id, leave_request{})));
  CAF_CHECK(state.closed);
  CAF_CHECK(join(102, "Ben") == errc::room_not_found);
}

CAF_TEST(a lost connection ends the membership after the grace time) {
  CAF_CHECK(!join(101, "Ben"));
  monotonic start{seconds{50}};
  domain::apply(state, room_event::connection_lost{user_id{101}, start});
  CAF_CHECK(next_expiry(state, seconds{120}) == start + seconds{120});
  CAF_CHECK(
    expire_one(state, start + milliseconds{119'999}, seconds{120}).empty());
  auto events = expire_one(state, start + seconds{120}, seconds{120});
  CAF_REQUIRE_EQUAL(events.size(), 1u);
  CAF_CHECK(std::get<room_event::left>(events[0]).reason
            == leave_reason::timeout);
}

CAF_TEST(of several who are offline the first lost is the first to go) {
  monotonic start{seconds{50}};
  auto lose = [&](int id, int second) {
    domain::apply(state, room_event::connection_lost{user_id{id},
                                                     start + seconds{second}});
  };
  CAF_CHECK(!join(101, "Ben"));
  CAF_CHECK(!join(102, "Cid"));
  CAF_CHECK(!join(103, "Dan"));
  CAF_CHECK(!next_expiry(state, seconds{120}));
  lose(101, 2);
  lose(102, 1);
  lose(103, 0);
  domain::apply(state, room_event::connection_found{user_id{103}});
  CAF_CHECK(next_expiry(state, seconds{120}) == start + seconds{121});
  for (auto expected : {102, 101}) {
    auto events = expire_one(state, start + seconds{300}, seconds{120});
    CAF_REQUIRE_EQUAL(events.size(), 1u);
    CAF_CHECK(std::get<room_event::left>(events[0]).user.id
              == user_id{expected});
    domain::apply(state, events[0]);
  }
  CAF_CHECK(!next_expiry(state, seconds{120}));
  CAF_MESSAGE("a connection that is lost again counts from then");
  lose(103, 10);
  lose(103, 20);
  CAF_CHECK(next_expiry(state, seconds{120}) == start + seconds{140});
  domain::apply(state, room_event::closed{close_reason::closed});
  CAF_CHECK(!next_expiry(state, seconds{120}));
}

CAF_TEST(a named message is recognised when it comes again) {
  message_request request;
  request.text = "once";
  request.client_id = "k1";
  CAF_CHECK(find_named(state, host_id, request) == nullptr);
  CAF_CHECK(!run(decide(state, host_id, request, now)));
  const auto* earlier = find_named(state, host_id, request);
  CAF_REQUIRE(earlier != nullptr);
  CAF_CHECK_EQUAL(earlier->seq, 1u);
  CAF_CHECK(find_named(state, user_id{101}, request) == nullptr);
}

CAF_TEST(the longest there is who came first whatever the clock said) {
  CAF_CHECK(!join(101, "Ben"));
  now -= seconds{3600};
  CAF_CHECK(!join(102, "Cid"));
  auto room = describe(state);
  CAF_CHECK(room.participants[1].id == user_id{101});
  CAF_CHECK(room.participants[2].id == user_id{102});
  CAF_CHECK(!run(decide(state, host_id, leave_request{})));
  CAF_CHECK(state.host == user_id{101});
}

CAF_TEST(those longest away leave first) {
  CAF_CHECK(!join(101, "Ben"));
  CAF_CHECK(!join(102, "Cid"));
  monotonic start{seconds{50}};
  domain::apply(state,
                room_event::connection_lost{user_id{102}, start + seconds{1}});
  domain::apply(state,
                room_event::connection_lost{user_id{101}, start + seconds{2}});
  domain::apply(state, room_event::connection_lost{host_id, start});
  domain::apply(state, room_event::connection_found{host_id});
  CAF_CHECK(next_expiry(state, seconds{9}) == start + seconds{10});
  std::vector<user_id> gone;
  for (;;) {
    auto events = expire_one(state, start + seconds{100}, seconds{9});
    if (events.empty())
      break;
    gone.push_back(std::get<room_event::left>(events[0]).user.id);
    run(std::move(events));
  }
  CAF_CHECK(gone == (std::vector{user_id{102}, user_id{101}}));
  CAF_CHECK(!next_expiry(state, seconds{9}));
}

CAF_TEST(a restore point leads to the same state) {
  CAF_CHECK(!join(101, "Ben"));
  message_request request;
  request.text = "named";
  for (const auto* name : {"b", "a", "c"}) {
    request.client_id = name;
    now += seconds{1};
    CAF_CHECK(!run(decide(state, host_id, request, now)));
  }
  CAF_CHECK(!say(101));
  CAF_CHECK(state.newest == now);
  room_state again;
  domain::apply(again, restore_point(state));
  CAF_CHECK(again == state);
}

CAF_TEST(whoever could enter or has a place may read) {
  auto right = [&](std::optional<std::string> password,
                   std::optional<std::string> token = {}) {
    return find_right(state, {room_id{1000}, password, std::move(token)},
                      password == "tea");
  };
  CAF_CHECK(right({}) == reading_right::granted);
  CAF_MESSAGE("a password is wanted");
  configure_request request;
  request.password = "tea";
  request.hash = "hash";
  run(decide(state, host_id, request));
  CAF_CHECK(right({}) == reading_right::refused);
  CAF_CHECK(right("") == reading_right::refused);
  CAF_CHECK(right("coffee") == reading_right::refused);
  CAF_CHECK(right("tea") == reading_right::granted);
  CAF_CHECK(right({}, "host") == reading_right::granted);
  CAF_CHECK(right({}, "nobody") == reading_right::refused);
  CAF_MESSAGE("a lock keeps those out who know it");
  configure_request lock;
  lock.locked = true;
  run(decide(state, host_id, lock));
  CAF_CHECK(right("tea") == reading_right::refused);
  CAF_CHECK(right("tea", "host") == reading_right::granted);
  CAF_MESSAGE("there must be a room");
  run(decide(state, host_id, close_request{}));
  CAF_CHECK(right("tea", "host") == reading_right::no_room);
  CAF_CHECK(find_right({}, {}, true) == reading_right::no_room);
}

CAF_TEST_FIXTURE_SCOPE_END()
