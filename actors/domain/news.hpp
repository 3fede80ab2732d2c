#pragma once

#include "messages/client_events.hpp"
#include "messages/room_events.hpp"

#include <utility>

namespace observer::domain {

/// Who of a room's members hears something.
struct recipients {
  enum class which {
    all,
    all_but, ///< `whom`
    one,     ///< `whom` alone
  };

  which who = which::all;
  user_id whom{};

  [[nodiscard]] bool include(user_id user) const noexcept {
    return who == which::all || (who == which::one) == (whom == user);
  }
};

/// Tells what members hear of an event: those who were there before it. The
/// room as it happens, and recovery afterwards, both listen to this.
///
/// A `Listener` has
///
/// ~~~
///   room_id room;
///   user find(user_id);         // somebody the event speaks of, as after it
///   room_data_ptr describe();   // the room after it; null: need not be told
///   void hear(recipients, client_event::any);
/// ~~~
template <class Listener>
class news_of {
public:
  explicit news_of(Listener& listener) : to_(listener) {
  }

  // There is a function for each event; without one, this does not compile.

  void operator()(const room_event::created&) const {
    // Nobody is there yet to be told.
  }

  void operator()(const room_event::joined& x) const {
    to_.hear(all_but(x.user.id), client_event::user_joined{to_.room, x.user});
  }

  void operator()(const room_event::left& x) const {
    if (x.reason == leave_reason::kicked)
      to_.hear(one(x.user.id), client_event::kicked{to_.room, x.note});
    to_.hear(all_but(x.user.id),
             client_event::user_left{to_.room, x.user, x.reason});
  }

  void operator()(const room_event::banned&) const {
    // The kick that comes with it is what people see.
  }

  void operator()(const room_event::host_passed& x) const {
    auto host = to_.find(x.to);
    host.role = role::host; // whatever it is by now
    to_.hear(all(), client_event::host_changed{to_.room, std::move(host)});
  }

  void operator()(const room_event::posted& x) const {
    auto& content = *x.content;
    if (!content.to)
      return to_.hear(all(), client_event::message{x.content});
    to_.hear(one(content.from.id), client_event::message{x.content});
    if (*content.to != content.from.id)
      to_.hear(one(*content.to), client_event::message{x.content});
  }

  void operator()(const room_event::muted& x) const {
    to_.hear(all(),
             client_event::user_updated{to_.room, to_.find(x.user), x.muted});
  }

  void operator()(const room_event::configured& x) const {
    client_event::room_changed change{
      to_.room, x.name, x.locked, {}, x.capacity};
    if (x.password)
      change.has_password = x.password->has_value();
    if (x.name || x.locked || x.password || x.capacity)
      to_.hear(all(), std::move(change));
    if (auto room = to_.describe())
      to_.hear(all(), client_event::room_data{std::move(room), true});
  }

  void operator()(const room_event::closed& x) const {
    to_.hear(all(), client_event::room_closed{to_.room, x.reason});
  }

  void operator()(const room_event::seated& x) const {
    // The session that had the seat before, if there was one.
    to_.hear(one(x.user), client_event::kicked{to_.room, "replaced"});
  }

  void operator()(const room_event::connection_lost& x) const {
    tell_presence(x.user);
  }

  void operator()(const room_event::connection_found& x) const {
    tell_presence(x.user);
  }

  void operator()(const room_event::restored&) const {
    // No news to anybody.
  }

private:
  static recipients all() noexcept {
    return {};
  }

  static recipients all_but(user_id user) noexcept {
    return {recipients::which::all_but, user};
  }

  static recipients one(user_id user) noexcept {
    return {recipients::which::one, user};
  }

  void tell_presence(user_id user) const {
    to_.hear(all_but(user),
             client_event::user_status{to_.room, to_.find(user)});
  }

  Listener& to_;
};

template <class Listener>
void tell_news(const room_event::any& event, Listener& listener) {
  std::visit(news_of<Listener>{listener}, event);
}

} // namespace observer::domain
