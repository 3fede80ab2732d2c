#include "actors/domain/retell.hpp"

#include "actors/domain/news.hpp"

#include <unordered_map>

namespace observer::domain {

namespace {

/// Everybody that the past speaks of.
class people {
public:
  people(const room_events& events, const find_user& find) : find_(find) {
    for (auto& event : events) {
      if (const auto* joined = std::get_if<room_event::joined>(&event))
        seen_[joined->user.id] = &joined->user;
      else if (const auto* left = std::get_if<room_event::left>(&event))
        seen_[left->user.id] = &left->user;
    }
  }

  [[nodiscard]] const user* operator()(user_id id) const {
    if (const auto* present = find_(id))
      return present;
    auto i = seen_.find(id);
    return i != seen_.end() ? i->second : nullptr;
  }

private:
  const find_user& find_;
  std::unordered_map<user_id, const user*> seen_;
};

/// Hears the news of each event, and keeps what the listener would have heard.
struct storyteller {
  room_id room;
  user_id listener;
  const people& known;
  revision rev = 0;
  bool complete = true;
  std::vector<retold> story;

  user find(user_id id) {
    const auto* result = known(id);
    complete = complete && result != nullptr;
    return result != nullptr ? *result : user{};
  }

  /// It comes with the answer.
  static room_data_ptr describe() {
    return nullptr;
  }

  void hear(const recipients& who, client_event::any what) {
    if (who.include(listener))
      story.push_back({rev, std::move(what)});
  }
};

/// Who left by itself knows, and who was shown out is told; who was away for
/// too long is not.
bool ran_out(const room_event::any& event, user_id listener) {
  const auto* left = std::get_if<room_event::left>(&event);
  return left != nullptr && left->user.id == listener
         && left->reason == leave_reason::timeout;
}

} // namespace

std::optional<std::vector<retold>>
retell(const room_events& events, revision after, room_id room,
       user_id listener, const find_user& find) {
  people known{events, find};
  storyteller teller{room, listener, known, after, true, {}};
  for (auto& event : events) {
    ++teller.rev;
    tell_news(event, teller);
    teller.complete = teller.complete && !ran_out(event, listener);
  }
  if (!teller.complete)
    return std::nullopt;
  return std::move(teller.story);
}

} // namespace observer::domain
