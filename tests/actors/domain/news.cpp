#include "actors/domain/news.hpp"

#include "actors/domain/decide.hpp"
#include "actors/domain/retell.hpp"
#include "actors/domain/secret.hpp"

#include <map>
#include <random>

#define CAF_SUITE actors.domain.news
#include "tests/test.hpp"

using namespace observer;
using namespace observer::domain;

namespace {

/// What somebody heard: at which revision, of which kind, and of whom or what.
struct heard_event {
  revision rev = 0;
  std::size_t kind = 0;
  std::string about;

  bool operator==(const heard_event&) const = default;
};

struct about_whom {
  std::string operator()(const client_event::room_data&) const {
    return "room";
  }
  std::string operator()(const client_event::room_changed& x) const {
    return x.name.value();
  }
  std::string operator()(const client_event::message& x) const {
    return std::to_string(x.content->seq);
  }
  std::string operator()(const client_event::host_changed& x) const {
    return to_string(x.host.id);
  }
  std::string operator()(const client_event::activity& x) const {
    return x.kind;
  }
  std::string operator()(const client_event::kicked& x) const {
    return x.reason;
  }
  std::string operator()(const client_event::room_closed& x) const {
    return std::to_string(static_cast<int>(x.reason));
  }
  std::string operator()(const client_event::user_updated& x) const {
    return to_string(x.user.id) + (x.muted ? " muted" : " heard");
  }
  template <class T> // about one user
  std::string operator()(const T& x) const {
    return to_string(x.user.id);
  }
};

heard_event note(revision rev, const client_event::any& event) {
  return {rev, event.index(), std::visit(about_whom{}, event)};
}

/// A room in which everybody does something at random, and all hear of it.
struct life {
  struct listener {
    revision since = 0; ///< what came behind it was heard
    std::vector<heard_event> heard;
  };

  std::mt19937 random;
  room_state state;
  room_events past;
  std::map<user_id, listener> present;
  std::int64_t next_user = 100;

  // as `tell_news` wants it
  room_id room{1000};

  explicit life(unsigned seed) : random(seed) {
    happens(decide(state, host_request{.name = "host"}, room, fresh(), 5,
                   timestamp{}));
    present[state.host].since = past.size();
  }

  [[nodiscard]] user find(user_id id) const {
    return state.find(id)->user;
  }

  /// Nobody retells it.
  static room_data_ptr describe() {
    return nullptr;
  }

  void hear(const recipients& who, const client_event::any& what) {
    if (std::holds_alternative<client_event::user_status>(what))
      return; // not stored
    for (auto& [user, one] : present)
      if (who.include(user))
        one.heard.push_back(note(past.size(), what));
  }

  std::size_t any(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>{0, n - 1}(random);
  }

  user_id anybody() {
    return std::next(present.begin(),
                     static_cast<std::ptrdiff_t>(any(present.size())))
      ->first;
  }

  fresh_place fresh() {
    user_id id{next_user++};
    return {id, hash_token(to_string(id))};
  }

  /// What was heard as it happened is what is told of it afterwards.
  void compare(user_id who, const listener& one) {
    room_events missed{past.begin() + static_cast<std::ptrdiff_t>(one.since),
                       past.end()};
    auto told = retell(missed, one.since, room, who,
                       [&](user_id id) -> const user* {
                         const auto* member = state.find(id);
                         return member != nullptr ? &member->user : nullptr;
                       });
    if (!told && state.closed)
      return; // it is not known any more who people were
    CAF_REQUIRE(told);
    std::vector<heard_event> again;
    for (auto& x : *told)
      again.push_back(note(x.rev, x.event));
    CAF_REQUIRE(again == one.heard);
  }

  void happens(decision decided) {
    auto* events = std::get_if<room_events>(&decided);
    if (events == nullptr)
      return; // refused
    for (auto& event : *events) {
      domain::apply(state, event);
      if (room_event::is_durable(event))
        past.push_back(event);
      tell_news(event, *this);
      if (auto* left = std::get_if<room_event::left>(&event)) {
        auto gone = present.extract(left->user.id);
        CAF_REQUIRE(!gone.empty());
        if (left->reason != leave_reason::timeout)
          compare(gone.key(), gone.mapped());
      }
    }
  }

  void enters() {
    join_request request{
      .room = room, .name = "user", .password = {}, .history = {}};
    request.name += std::to_string(next_user);
    request.role = any(4) == 0 ? role::observer : role::participant;
    auto place = fresh();
    happens(decide(state, request, true, place, 5, timestamp{}));
    if (state.find(place.user) != nullptr)
      present[place.user].since = past.size();
  }

  void step() {
    auto who = anybody();
    switch (any(9)) {
      case 0:
      case 1:
        return enters();
      case 2:
        return happens(decide(state, who, leave_request{}));
      case 3: {
        kick_request request{.room = {}, .user = anybody(), .reason = "out"};
        request.ban = any(2) == 0;
        return happens(decide(state, state.host, request));
      }
      case 4:
        return happens(
          decide(state, state.host, mute_request{{}, anybody(), any(2) == 0}));
      case 5: {
        configure_request request;
        request.host = anybody();
        request.name = std::to_string(past.size());
        return happens(decide(state, state.host, request));
      }
      case 6: {
        // Another session has the place from here on.
        happens(room_events{room_event::seated{who, session_key{1}}});
        return;
      }
      case 7: {
        domain::apply(state, room_event::connection_lost{who, monotonic{}});
        happens(expire_one(state, monotonic{std::chrono::hours{1}},
                           std::chrono::minutes{1}));
        return;
      }
      default: {
        message_request request;
        request.text = "hello";
        if (any(3) == 0)
          request.to = anybody();
        return happens(decide(state, who, request, timestamp{}));
      }
    }
  }
};

} // namespace

CAF_TEST(recovery tells what was told as it happened) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    life one{seed};
    for (int i = 0; i < 60 && !one.present.empty() && !one.state.closed; ++i)
      one.step();
    for (auto& [who, listener] : one.present)
      one.compare(who, listener);
  }
}

CAF_TEST(whoever is named hears and so do all but those left out) {
  constexpr user_id ada{1};
  constexpr user_id ben{2};
  using which = recipients::which;
  CAF_CHECK((recipients{which::all, {}}.include(ada)));
  CAF_CHECK((recipients{which::one, ada}.include(ada)));
  CAF_CHECK((!recipients{which::one, ada}.include(ben)));
  CAF_CHECK((!recipients{which::all_but, ada}.include(ada)));
  CAF_CHECK((recipients{which::all_but, ada}.include(ben)));
}
