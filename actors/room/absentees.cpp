#include "actors/room/absentees.hpp"

#include <algorithm>

namespace observer {

void absentees::add(user_id user, const std::string& network, monotonic since) {
  if (by_user_.try_emplace(user, network, since).second)
    by_network_[network].emplace(since, user);
}

void absentees::remove(user_id user) {
  auto gone = by_user_.extract(user);
  if (!gone)
    return;
  auto& [network, since] = gone.mapped();
  auto line = by_network_.find(network);
  line->second.erase({since, user});
  if (line->second.empty())
    by_network_.erase(line);
}

std::optional<user_id> absentees::over(const std::string& network,
                                       std::size_t limit) const {
  auto i = by_network_.find(network);
  return i != by_network_.end() ? first(i->second, limit) : std::nullopt;
}

std::optional<user_id> absentees::over(std::size_t limit) const {
  auto most = std::max_element(by_network_.begin(), by_network_.end(),
                               [](auto& a, auto& b) {
                                 return a.second.size() < b.second.size();
                               });
  return most != by_network_.end() ? first(most->second, limit) : std::nullopt;
}

std::optional<user_id> absentees::first(const line& of, std::size_t limit) {
  return of.size() > limit ? std::optional{of.begin()->second} : std::nullopt;
}

} // namespace observer
