#include "actors/room/audience.hpp"

#include <algorithm>

namespace observer {

void audience::add(const hub_actor& hub) {
  auto i = find(hub);
  ++(i != parts_.end() ? *i : parts_.emplace_back(hub, 0U)).listeners;
}

void audience::remove(const hub_actor& hub) {
  auto i = find(hub);
  if (i != parts_.end() && --i->listeners == 0)
    parts_.erase(i);
}

std::vector<audience::part>::iterator audience::find(const hub_actor& hub) {
  return std::find_if(parts_.begin(), parts_.end(),
                      [&](auto& x) { return x.hub == hub; });
}

} // namespace observer
