#include "actors/domain/retell.hpp"

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

struct storyteller {
  using told = std::optional<client_event::any>;

  room_id room;
  user_id listener;
  const people& known;
  bool complete = true;

  told operator()(const room_event::joined& x) const {
    return client_event::user_joined{room, x.user};
  }

  told operator()(const room_event::left& x) {
    if (x.user.id != listener)
      return client_event::user_left{room, x.user, x.reason};
    if (x.reason == leave_reason::kicked)
      return client_event::kicked{room, x.note};
    // Who left by itself knows; who was away for too long does not.
    complete = complete && x.reason == leave_reason::left;
    return std::nullopt;
  }

  told operator()(const room_event::host_passed& x) {
    auto host = find(x.to);
    host.role = role::host;
    return client_event::host_changed{room, host};
  }

  told operator()(const room_event::posted& x) const {
    auto& content = *x.content;
    if (content.to && *content.to != listener && content.from.id != listener)
      return std::nullopt;
    return client_event::message{x.content};
  }

  told operator()(const room_event::muted& x) {
    return client_event::user_updated{room, find(x.user), x.muted};
  }

  told operator()(const room_event::closed& x) const {
    return client_event::room_closed{room, x.reason};
  }

  told operator()(const room_event::seated& x) const {
    // Another session took the place: this one was behind the listener's own.
    if (x.user == listener)
      return client_event::kicked{room, "replaced"};
    return std::nullopt;
  }

  template <class T>
  told operator()(const T&) const {
    return std::nullopt; // no news, or told otherwise
  }

  user find(user_id id) {
    const auto* result = known(id);
    complete = complete && result != nullptr;
    return result != nullptr ? *result : user{};
  }
};

} // namespace

std::optional<std::vector<retold>>
retell(const room_events& events, revision after, room_id room,
       user_id listener, const find_user& find) {
  people known{events, find};
  storyteller teller{room, listener, known};
  std::vector<retold> result;
  for (auto& event : events) {
    ++after;
    if (auto told = std::visit(teller, event))
      result.push_back({after, std::move(*told)});
  }
  if (!teller.complete)
    return std::nullopt;
  return result;
}

} // namespace observer::domain
