#pragma once

#include "messages/handles.hpp"

#include <cstddef>
#include <vector>

namespace observer {

/// The loops on which sessions listen to a room, and how many do on each. What
/// a room says goes to the hub of each loop once.
class audience {
public:
  struct part {
    hub_actor hub;
    std::size_t listeners = 0;
  };

  void add(const hub_actor& hub);

  /// One listener less there, if there is one.
  void remove(const hub_actor& hub);

  [[nodiscard]] const std::vector<part>& parts() const noexcept {
    return parts_;
  }

  /// Whether exactly one session listens.
  [[nodiscard]] bool is_single() const noexcept {
    return parts_.size() == 1 && parts_.front().listeners == 1;
  }

  void clear() noexcept {
    parts_.clear();
  }

private:
  [[nodiscard]] std::vector<part>::iterator find(const hub_actor& hub);

  std::vector<part> parts_;
};

} // namespace observer
