#include "net/transport/door.hpp"

#include <utility>

namespace observer::transport {

door::door(const options& limits, limit_counts& met)
  : limits_(limits),
    met_(met) {
}

door::visitor door::arrive(std::string address) {
  {
    std::lock_guard guard{mutex_};
    ++unconnected_[address];
  }
  return {shared_from_this(), std::move(address)};
}

std::size_t door::unconnected(const std::string& address) const {
  std::lock_guard guard{mutex_};
  auto i = unconnected_.find(address);
  return i != unconnected_.end() ? i->second : 0;
}

void door::forget(const std::string& address) {
  std::lock_guard guard{mutex_};
  auto i = unconnected_.find(address);
  if (--i->second == 0)
    unconnected_.erase(i);
}

// -- visitor ------------------------------------------------------------------

door::visitor::visitor(std::shared_ptr<door> at, std::string address)
  : door_(std::move(at)),
    address_(std::move(address)),
    unconnected_(true) {
}

door::visitor::visitor(visitor&& other) noexcept
  : door_(std::move(other.door_)),
    address_(std::move(other.address_)),
    unconnected_(std::exchange(other.unconnected_, false)),
    has_session_(std::exchange(other.has_session_, false)) {
}

door::visitor& door::visitor::operator=(visitor&& other) noexcept {
  auto gone = std::move(*this);
  door_ = std::move(other.door_);
  address_ = std::move(other.address_);
  unconnected_ = std::exchange(other.unconnected_, false);
  has_session_ = std::exchange(other.has_session_, false);
  return *this;
}

door::visitor::~visitor() {
  enter();
  if (has_session_)
    --door_->sessions_;
}

std::optional<engineio::refusal> door::visitor::admit(int descriptor) {
  auto& limits = door_->limits_;
  auto& met = door_->met_;
  if (door_->unconnected(address_) > limits.unconnected_per_address) {
    ++met.unconnected;
    return engineio::refusal::too_many_connections;
  }
  if (static_cast<std::size_t>(descriptor) >= limits.max_descriptor) {
    ++met.descriptors;
    return engineio::refusal::overloaded;
  }
  if (door_->sessions_.fetch_add(1) >= limits.max_connections) {
    --door_->sessions_;
    ++met.sessions;
    return engineio::refusal::overloaded;
  }
  has_session_ = true;
  return std::nullopt;
}

void door::visitor::enter() {
  if (std::exchange(unconnected_, false))
    door_->forget(address_);
}

} // namespace observer::transport
