#pragma once

#include "messages/ids.hpp"
#include "messages/requests.hpp"
#include "messages/secret.hpp"

#include <deque>
#include <optional>
#include <unordered_map>

namespace observer {

/// What a retry of the request is known by; nothing if its client gave it no
/// `client_id`. From another socket it is the same one only if the id could not
/// be guessed, and name and room are the same: whoever has it gets the place.
/// A hash, so that what is remembered of a client is short, and no secret.
[[nodiscard]] std::optional<token_hash> retry_key(const host_request& request,
                                                  session_id from);

/// Code points from which on a `client_id` counts as a secret.
inline constexpr std::size_t secret_client_id_length = 16;

/// Which rooms the latest `host` requests made.
class host_memory {
public:
  /// @param max requests that are remembered
  explicit host_memory(std::size_t max) : max_(max) {
  }

  /// The room that the request made.
  [[nodiscard]] std::optional<room_id> find(const token_hash& key,
                                            monotonic now);

  /// @param until not before that of any earlier one
  /// @returns false if one had to go for it whose time was not over
  bool remember(const token_hash& key, room_id room, monotonic until);

  [[nodiscard]] std::size_t size() const noexcept {
    return ages_.size();
  }

private:
  struct entry {
    token_hash key{};
    room_id room{};
    monotonic until{};
  };

  void forget(monotonic now);
  void forget_oldest();

  std::size_t max_;
  std::deque<entry> ages_; ///< oldest first
  std::unordered_map<token_hash, room_id, token_hash_hasher> rooms_;
};

} // namespace observer
