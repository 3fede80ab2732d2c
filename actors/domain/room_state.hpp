#pragma once

#include "actors/domain/named_messages.hpp"
#include "messages/room_events.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace observer::domain {

/// A place in a room.
struct member {
  observer::user user;
  token_hash token{};
  monotonic offline_since{}; ///< meaningful while `user.status` is offline

  bool operator==(const member&) const = default;
};

/// Everything that decides what may happen next in a room: a fold of its
/// events. Holds no message texts; those are the store's.
struct room_state {
  room_id id{};
  std::string name;
  std::optional<password_hash> password;
  std::uint32_t capacity = 0;
  bool locked = false;
  bool closed = false;
  timestamp created_at{};
  sequence last_seq = 0;
  /// The latest time that the room has shown: none that it shows is earlier.
  timestamp newest{};
  user_id host{};

  /// In the order in which they came: that of their ids.
  std::map<user_id, member> members;
  /// Those of the members, folded. Rooms of older servers may hold two alike.
  std::unordered_multiset<std::string> names;
  std::unordered_map<token_hash, user_id, token_hash_hasher> by_token;
  std::size_t participants = 0; ///< members that count against `capacity`
  /// Who is offline, those first who are it for the longest time.
  std::set<std::pair<monotonic, user_id>> offline;

  /// As they were borne, by the folded ones.
  std::unordered_map<std::string, std::string> banned_names;
  std::unordered_set<token_hash, token_hash_hasher> banned_tokens;
  /// Folded; of members, and of those who left without having been unmuted.
  std::unordered_set<std::string> muted_names;

  /// The named messages of each member. Kept per member so that one who sends
  /// much cannot push out those of others.
  std::unordered_map<user_id, named_messages> named;

  /// Whether the room was made yet.
  [[nodiscard]] bool exists() const noexcept {
    return id != room_id{};
  }

  [[nodiscard]] const member* find(user_id id) const;

  bool operator==(const room_state&) const = default;
};

/// Folds one event into the state. Total: every event that the store can hold
/// applies.
void apply(room_state& state, const room_event::any& event);

/// Lets go of the named messages of `user` that were sent before `when`, if
/// there are `limit` of them, or so many that it is worth looking.
/// @returns whether one more fits
bool make_room_for_name(room_state& state, user_id user, timestamp when,
                        std::size_t limit);

/// An event that leads from nothing to `state`, but that everybody is online.
[[nodiscard]] room_event::restored restore_point(const room_state& state);

/// How much a `restore_point` holds: members, bans, mutes, named messages.
[[nodiscard]] std::size_t size_of(const room_state& state);

/// The room as clients see it.
[[nodiscard]] room_data describe(const room_state& state);

/// The same with the first members only, at most `limit`, if there are more.
[[nodiscard]] room_data describe_first(const room_state& state,
                                       std::size_t limit);

/// The members behind `after`, at most `limit`.
[[nodiscard]] member_page list_members(const room_state& state,
                                       std::optional<user_id> after,
                                       std::size_t limit);

} // namespace observer::domain
