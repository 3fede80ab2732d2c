#include "net/transport/door.hpp"

#include "messages/limits/network.hpp"

namespace observer::transport {

namespace {

/// So many an address may have however short places are, if there is one: a
/// class behind one router is no attack.
constexpr std::size_t small_crowd = 100;

} // namespace

door::door(const options& limits, limit_counts& met)
  : limits_(limits),
    met_(met) {
}

std::optional<door::pass> door::accept(std::string_view address) {
  std::lock_guard guard{mutex_};
  auto& whose = *by_network_.try_emplace(network_of(address)).first;
  if (has_share(whose.second.connections, all_.connections,
                limits_.max_descriptor))
    return pass{take(whose, &counts::connections)};
  ++met_.address_share;
  return std::nullopt;
}

std::size_t door::connections(std::string_view address) const {
  return count_of(address, &counts::connections);
}

std::size_t door::unconnected(std::string_view address) const {
  return count_of(address, &counts::unconnected);
}

std::size_t door::sessions() const {
  std::lock_guard guard{mutex_};
  return all_.sessions;
}

std::size_t door::count_of(std::string_view address, count what) const {
  std::lock_guard guard{mutex_};
  auto i = by_network_.find(network_of(address));
  return i != by_network_.end() ? i->second.*what : 0;
}

/// Under the lock, as what follows.
door::claim door::take(entry& whose, count what) {
  ++(whose.second.*what);
  ++(all_.*what);
  return {shared_from_this(), whose, what};
}

/// @param taken by all
bool door::has_share(std::size_t held, std::size_t taken,
                     std::size_t places) const {
  auto share = limits_.address_share / 100;
  auto free = static_cast<double>(places - std::min(taken, places));
  return held < small_crowd
         || static_cast<double>(held) * (1 - share) < free * share;
}

void door::give_back(entry& whose, count what) {
  std::lock_guard guard{mutex_};
  auto& has = whose.second;
  --(has.*what);
  --(all_.*what);
  if (has.connections + has.unconnected + has.sessions == 0)
    by_network_.erase(by_network_.find(whose.first));
}

// -- pass ---------------------------------------------------------------------

door::visitor door::pass::arrive() const {
  auto& at = *connection_.at();
  std::lock_guard guard{at.mutex_};
  return visitor{at.take(connection_.whose(), &counts::unconnected)};
}

bool door::holding::set(const claim& of, std::size_t bytes) {
  if (bytes == bytes_)
    return true;
  whose_ = &of.whose();
  auto more = bytes - bytes_; // less is more than the largest number
  bytes_ = bytes;
  auto& of_address = whose_->second.unfinished;
  auto held = of_address.fetch_add(more, std::memory_order_relaxed) + more;
  auto& at = *of.at();
  if (held <= at.limits_.unfinished_per_address)
    return true;
  ++at.met_.unfinished;
  return false;
}

// -- visitor ------------------------------------------------------------------

std::optional<engineio::refusal> door::visitor::admit(int descriptor) {
  auto& at = *unconnected_.at();
  auto& whose = unconnected_.whose();
  auto& limits = at.limits_;
  auto& met = at.met_;
  std::lock_guard guard{at.mutex_};
  if (whose.second.unconnected > limits.unconnected_per_address) {
    ++met.unconnected;
    return engineio::refusal::too_many_connections;
  }
  if (static_cast<std::size_t>(descriptor) >= limits.max_descriptor) {
    ++met.descriptors;
    return engineio::refusal::overloaded;
  }
  if (at.all_.sessions >= limits.max_connections) {
    ++met.sessions;
    return engineio::refusal::overloaded;
  }
  if (!at.has_share(whose.second.sessions, at.all_.sessions,
                    limits.max_connections)) {
    ++met.address_share;
    return engineio::refusal::too_many_connections;
  }
  session_ = at.take(whose, &counts::sessions);
  return std::nullopt;
}

void door::visitor::enter() {
  unconnected_ = {};
}

} // namespace observer::transport
