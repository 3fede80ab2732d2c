#pragma once

#include "messages/ids.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace observer {

/// Who of a room's members is away, by the address that the connection came
/// from: so that nobody fills a room with members who are not there. Of those
/// who were away before a restart the address is not known; they do not count.
class absentees {
public:
  /// Counts once; since when is what was said first.
  void add(user_id user, const std::string& network, monotonic since);

  /// Is back, or a member no more; nothing if it was not away.
  void remove(user_id user);

  /// Forgets those of whom `is_member` says no.
  template <class F>
  void keep_only(F is_member) {
    std::vector<user_id> gone;
    for (auto& [user, of] : by_user_)
      if (!is_member(user))
        gone.push_back(user);
    for (auto user : gone)
      remove(user);
  }

  /// The longest absent of those from there, if they are more than `limit`.
  [[nodiscard]] std::optional<user_id> over(const std::string& network,
                                            std::size_t limit) const;

  /// The longest absent of those from where most are, if they are more than
  /// `limit`.
  [[nodiscard]] std::optional<user_id> over(std::size_t limit) const;

private:
  using line = std::set<std::pair<monotonic, user_id>>; ///< longest away first

  [[nodiscard]] static std::optional<user_id> first(const line& of,
                                                    std::size_t limit);

  std::unordered_map<user_id, std::pair<std::string, monotonic>> by_user_;
  std::map<std::string, line> by_network_;
};

} // namespace observer
