#pragma once

#include "messages/client_events.hpp"
#include "messages/model.hpp"
#include "messages/secret.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What has happened in a room: the facts that its state is folded from, and
/// that the store keeps.
namespace observer {

/// A message that its sender named (`client_id`), so that a retry can be
/// recognised.
struct named_message {
  std::string client_id;
  sequence seq = 0;
  timestamp sent_at{};

  bool operator==(const named_message&) const = default;
};

} // namespace observer

namespace observer::room_event {

/// The room exists, with its host in it.
struct created {
  room_id room{};
  std::string name;
  std::optional<password_hash> password;
  std::uint32_t capacity = 0;
  user host;
  token_hash host_token{};
  timestamp at{};
};

struct joined {
  observer::user user;
  token_hash token{};
};

struct left {
  observer::user user; ///< as it was last seen
  leave_reason reason{};
  std::string note; ///< the host's word to the one kicked
};

/// Neither the token nor a name that looks like this one may come back.
struct banned {
  std::string name;
  token_hash token{};
};

struct host_passed {
  user_id to{};
};

struct posted {
  message_ptr content;
  std::string client_id; ///< empty: none given
};

/// Holds for whoever bears the name, also after coming in again.
struct muted {
  user_id user{};
  bool muted = false;
};

/// What is not set stayed as it was.
struct configured {
  std::optional<std::string> name;
  std::optional<bool> locked;
  /// Engaged and without a value: the password was taken away.
  std::optional<std::optional<password_hash>> password;
  std::optional<std::uint32_t> capacity;
};

struct closed {
  close_reason reason{};
};

/// What the room says reaches the member through this session from here on.
/// With recovery, whoever knows the session's secret may come back for the
/// place; without, the key is null, and this is passing like the next two.
struct seated {
  user_id user{};
  session_key session{};
};

/// Passing: after a restart everybody is offline anyway, so not stored.
struct connection_lost {
  user_id user{};
  monotonic at{};
};

/// Passing, like `connection_lost`.
struct connection_found {
  user_id user{};
};

/// The whole state at a moment. What was before it need not be known to fold
/// what comes after it.
struct restored {
  struct place {
    observer::user user;
    token_hash token{};
    bool muted = false;
    std::vector<named_message> named; ///< oldest first
  };

  room_id room{};
  std::string name;
  std::optional<password_hash> password;
  std::uint32_t capacity = 0;
  bool locked = false;
  bool closed = false;
  timestamp created_at{};
  sequence last_seq = 0;
  user_id host{};
  std::vector<place> places;
  std::vector<std::string> banned_names;
  std::vector<token_hash> banned_tokens;
  std::vector<std::string> muted_names;
  /// The latest time that the room has shown; unset by earlier versions.
  std::optional<timestamp> newest;
};

using any = std::variant<created, joined, left, banned, host_passed, posted,
                         muted, configured, closed, seated, connection_lost,
                         connection_found, restored>;

/// Whether the store must hold `event` before anybody hears of it.
inline bool is_durable(const any& event) {
  const auto* seat = std::get_if<seated>(&event);
  return !std::holds_alternative<connection_lost>(event)
         && !std::holds_alternative<connection_found>(event)
         && (seat == nullptr || seat->session != session_key{});
}

} // namespace observer::room_event

namespace observer {

using room_events = std::vector<room_event::any>;

} // namespace observer
