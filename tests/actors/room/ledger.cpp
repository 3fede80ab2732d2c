#include "actors/room/ledger.hpp"

#include "actors/room/roster.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <deque>
#include <map>
#include <random>

#define CAF_SUITE actors.room.ledger
#include "tests/test.hpp"

using namespace observer;

namespace {

using numbers = std::vector<int>;

auto note_in(numbers& list) {
  return [&list](int& x) { list.push_back(x); };
}

/// One decision about one member, numbered.
struct work {
  int number = 0;
  std::optional<roster::move> what;
};

/// What is known of a session, whatever is decided.
struct session_facts {
  std::optional<monotonic> lost;
  bool ended = false;
};

/// The truth, worked out anew each time from what was decided and what became
/// of the sessions.
struct model {
  struct decision {
    int number = 0;
    std::optional<user_id> user; ///< unset: nobody moves
    session_id to{};             ///< 0: the user leaves
    bool asked = true;
  };

  std::vector<decision> stored;
  std::deque<decision> waiting;
  std::map<session_id, session_facts> sessions;

  [[nodiscard]] session_id place_of(user_id user) const {
    session_id result{};
    auto look = [&](auto& decisions) {
      for (auto& x : decisions)
        if (x.user == user)
          result = x.to;
    };
    look(stored);
    look(waiting);
    return result;
  }

  /// The session where the user sits, 0 if there is none.
  [[nodiscard]] session_id seat_of(user_id user) const {
    auto place = place_of(user);
    return place == session_id{} || sessions.at(place).ended ? session_id{}
                                                             : place;
  }

  [[nodiscard]] std::optional<monotonic> away_since(user_id user) const {
    auto place = place_of(user);
    return place == session_id{} ? std::nullopt : sessions.at(place).lost;
  }
};

/// A life of a room's roster under a store that refuses at random.
struct life {
  static constexpr int users = 4;

  caf::actor_system& system;
  std::mt19937 random;
  model truth;
  roster tested;
  ledger<work> book;
  numbers released;
  numbers expected;
  std::map<session_id, caf::scoped_actor> actors;
  std::uint64_t next_session = 1;
  int next_number = 1;
  monotonic now{std::chrono::hours{1}};

  life(caf::actor_system& where, unsigned seed) : system(where), random(seed) {
  }

  std::size_t any(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>{0, n - 1}(random);
  }

  user_id any_user() {
    return user_id{static_cast<std::int64_t>(any(users)) + 1};
  }

  void decide(model::decision what, std::optional<roster::move> move) {
    what.number = next_number++;
    work done{what.number, move};
    if (!what.asked && book.empty()) {
      release(done);
      truth.stored.push_back(what);
      expected.push_back(what.number);
      return;
    }
    book.hold(std::move(done), what.asked);
    truth.waiting.push_back(what);
  }

  void release(work& x) {
    released.push_back(x.number);
    if (x.what)
      tested.settle(*x.what);
  }

  void enter() {
    session_id session{next_session++};
    auto& actor = actors.try_emplace(session, system).first->second;
    truth.sessions[session];
    auto user = any_user();
    client_ref client{session, caf::actor_cast<session_actor>(actor), {}, {}};
    auto move = tested.enter(user, client);
    decide({.user = user, .to = session}, move);
  }

  void leave() {
    auto user = any_user();
    if (truth.place_of(user) == session_id{})
      return;
    auto move = tested.leave(user);
    decide({.user = user}, move);
  }

  void say() {
    decide({.user = {}, .asked = any(2) == 0}, {});
  }

  void store_answers() {
    if (book.empty())
      return;
    auto& waiting = truth.waiting;
    if (any(3) == 0) {
      numbers taken;
      book.refused([&](work& x) {
        taken.push_back(x.number);
        if (x.what)
          tested.undo(*x.what);
      });
      CAF_REQUIRE_EQUAL(taken.size(), waiting.size());
      for (auto number : taken) {
        CAF_CHECK_EQUAL(number, waiting.back().number);
        waiting.pop_back();
      }
      return;
    }
    book.stored([&](work& x) { release(x); });
    do {
      expected.push_back(waiting.front().number);
      truth.stored.push_back(waiting.front());
      waiting.pop_front();
    } while (!waiting.empty() && !waiting.front().asked);
  }

  void something_happens_to_a_session() {
    if (truth.sessions.empty())
      return;
    auto i = std::next(truth.sessions.begin(),
                       static_cast<std::ptrdiff_t>(any(truth.sessions.size())));
    auto& [session, facts] = *i;
    auto* seat = tested.find(session);
    if (facts.ended || seat == nullptr)
      return;
    if (any(2) == 0) {
      facts.lost = facts.lost.value_or(now);
      facts.ended = true;
      CAF_CHECK(tested.end(actors.at(session)->id(), now).has_value());
    } else {
      facts.lost = facts.lost ? std::nullopt : std::optional{now};
      seat->lost = facts.lost;
    }
  }

  void check() {
    std::size_t seats = 0;
    for (int i = 1; i <= users; ++i) {
      user_id user{i};
      const auto* seat = tested.find(user);
      auto expected_seat = truth.seat_of(user);
      seats += expected_seat != session_id{} ? 1 : 0;
      CAF_REQUIRE((seat != nullptr ? seat->client.session : session_id{})
                  == expected_seat);
      CAF_REQUIRE(tested.away_since(user) == truth.away_since(user));
    }
    CAF_REQUIRE_EQUAL(tested.size(), seats);
    CAF_REQUIRE_EQUAL(book.size(), truth.waiting.size());
    if (book.empty()) // nothing is left of what was taken back or let go
      CAF_REQUIRE_EQUAL(tested.seats().size(), seats);
    CAF_REQUIRE(released == expected);
  }

  void step() {
    now += std::chrono::milliseconds{1};
    switch (any(6)) {
      case 0:
        return enter();
      case 1:
        return leave();
      case 2:
        return say();
      case 3:
        return store_answers();
      default:
        return something_happens_to_a_session();
    }
  }
};

} // namespace

CAF_TEST(what is stored is released with all that waited only for it) {
  ledger<int> book;
  book.hold(1, true);
  book.hold(2, false);
  book.hold(3, true);
  book.hold(4, false);
  numbers done;
  book.stored(note_in(done));
  CAF_CHECK(done == (numbers{1, 2}));
  CAF_CHECK_EQUAL(book.size(), 2u);
  book.stored(note_in(done));
  CAF_CHECK(done == (numbers{1, 2, 3, 4}));
  CAF_CHECK(book.empty());
}

CAF_TEST(what is refused is taken back newest first) {
  ledger<int> book;
  for (int i = 1; i <= 3; ++i)
    book.hold(i, i != 2);
  numbers done;
  book.refused(note_in(done));
  CAF_CHECK(done == (numbers{3, 2, 1}));
  CAF_CHECK(book.empty());
}

CAF_TEST(what a release holds back waits behind all others) {
  ledger<int> book;
  book.hold(1, true);
  book.hold(2, true);
  numbers done;
  auto release = [&](int& x) {
    done.push_back(x);
    if (x == 1)
      book.hold(3, false);
  };
  book.stored(release);
  CAF_CHECK(done == numbers{1});
  book.stored(release);
  CAF_CHECK(done == (numbers{1, 2, 3}));
}

CAF_TEST(a roster is always as what holds was decided and what happened) {
  caf::actor_system_config config;
  config.set("scheduler.max-threads", 1);
  caf::actor_system system{config};
  for (unsigned seed = 1; seed <= 150; ++seed) {
    life one{system, seed};
    for (int i = 0; i < 120; ++i) {
      one.step();
      one.check();
    }
  }
}
