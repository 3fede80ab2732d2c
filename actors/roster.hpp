#pragma once

#include "messages/actors.hpp"

#include <optional>
#include <unordered_map>

namespace observer {

/// The members of a room who have a connection. Each is found by their user,
/// by their session, and by their session's actor.
class roster {
public:
  struct entry {
    user_id user{};
    client_ref client;
    bool absent = false; ///< the session waits for another connection
    /// Told to all meanwhile, so that the client will hear it of itself.
    bool shown_offline = false;
  };

  /// Neither the user nor the session may have an entry.
  void add(user_id user, const client_ref& client);

  /// What it was; empty if the user has no entry.
  std::optional<entry> remove(user_id user);

  /// All are told of all, as they are now.
  void note_shown();

  /// Null if there is none, as below.
  [[nodiscard]] entry* find(session_id session);
  [[nodiscard]] const entry* find(user_id user) const;
  [[nodiscard]] const entry* find_by_actor(caf::actor_id session) const;

  [[nodiscard]] bool empty() const noexcept {
    return entries_.empty();
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return entries_.size();
  }

  /// In no order.
  [[nodiscard]] const auto& entries() const noexcept {
    return entries_;
  }

  void clear() noexcept;

private:
  std::unordered_map<session_id, entry> entries_;
  std::unordered_map<user_id, session_id> by_user_;
  std::unordered_map<caf::actor_id, session_id> by_actor_;
};

} // namespace observer
