#include "actors/domain/retell.hpp"

#define CAF_SUITE actors.domain.retell
#include "tests/test.hpp"

using namespace observer;

namespace {

constexpr room_id tea{1000};
constexpr user_id ada{100};
constexpr user_id ben{101};
constexpr user_id cara{102};

user make_user(user_id id) {
  return {id, "user " + to_string(id), role::participant, presence::online, {}};
}

room_event::any post(user_id from, std::optional<user_id> to = {}) {
  auto content = std::make_shared<message>();
  content->room = tea;
  content->from = {from, "somebody"};
  content->to = to;
  return room_event::posted{std::move(content), ""};
}

/// What Ben hears, Ada being in the room: revisions and indices of event types.
std::optional<std::vector<std::pair<revision, std::size_t>>>
heard_by_ben(const room_events& events) {
  auto here = make_user(ada);
  auto told = domain::retell(events, 10, tea, ben, [&](user_id id) {
    return id == ada ? &here : nullptr;
  });
  if (!told)
    return std::nullopt;
  std::vector<std::pair<revision, std::size_t>> result;
  for (auto& x : *told)
    result.emplace_back(x.rev, x.event.index());
  return result;
}

template <class T>
auto told(revision rev) {
  return std::vector<std::pair<revision, std::size_t>>{
    {rev, client_event::any{T{}}.index()}};
}

} // namespace

CAF_TEST(each event is told with its revision) {
  CAF_CHECK(*heard_by_ben({room_event::banned{}, post(ada)})
            == told<client_event::message>(12));
  CAF_CHECK(*heard_by_ben({room_event::joined{make_user(cara), {}}})
            == told<client_event::user_joined>(11));
}

CAF_TEST(direct messages are told to their ends only) {
  CAF_CHECK(*heard_by_ben({post(ada, cara), post(ada, ben)})
            == told<client_event::message>(12));
  CAF_CHECK(*heard_by_ben({post(ben, cara)})
            == told<client_event::message>(11));
}

CAF_TEST(people are found among members and among those who left) {
  CAF_CHECK(*heard_by_ben({room_event::host_passed{ada}})
            == told<client_event::host_changed>(11));
  room_events events{room_event::muted{cara, true}};
  CAF_CHECK(!heard_by_ben(events));
  events.emplace_back(
    room_event::left{make_user(cara), leave_reason::left, ""});
  auto all = heard_by_ben(events);
  CAF_REQUIRE(all);
  CAF_CHECK_EQUAL(all->size(), 2u);
}

CAF_TEST(the listener hears how its own place ended) {
  CAF_CHECK(
    *heard_by_ben({room_event::left{make_user(ben), leave_reason::kicked, "x"}})
    == told<client_event::kicked>(11));
  CAF_CHECK(*heard_by_ben({room_event::seated{ben, {}}})
            == told<client_event::kicked>(11));
  CAF_CHECK(*heard_by_ben({room_event::closed{close_reason::closed}})
            == told<client_event::room_closed>(11));
  CAF_CHECK(
    heard_by_ben({room_event::left{make_user(ben), leave_reason::left, ""}})
      ->empty());
  CAF_CHECK(!heard_by_ben(
    {room_event::left{make_user(ben), leave_reason::timeout, ""}}));
}
