#include "actors/domain/named_messages.hpp"

#include <algorithm>

namespace observer::domain {

namespace {

/// So few are never looked through.
constexpr std::size_t few = 128;

} // namespace

void named_messages::add(named_message next) {
  auto i = all_.lower_bound(next.client_id);
  if (i != all_.end() && i->client_id == next.client_id)
    i = all_.erase(i);
  all_.insert(i, std::move(next));
}

const named_message* named_messages::find(std::string_view client_id) const {
  auto i = all_.find(client_id);
  return i != all_.end() ? &*i : nullptr;
}

bool named_messages::make_room(timestamp when, std::size_t limit) {
  if (all_.size() >= std::min(std::max(due_, few), limit)) {
    std::erase_if(all_, [&](auto& x) { return x.sent_at < when; });
    due_ = 2 * all_.size();
  }
  return all_.size() < limit;
}

std::vector<named_message> named_messages::oldest_first() const {
  std::vector<named_message> result{all_.begin(), all_.end()};
  std::sort(result.begin(), result.end(),
            [](auto& a, auto& b) { return a.seq < b.seq; });
  return result;
}

} // namespace observer::domain
