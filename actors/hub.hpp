#pragma once

#include "actors/runtime/inspectable.hpp"
#include "messages/actors.hpp"

#include <unordered_map>
#include <vector>

namespace observer {

/// Delivers what rooms say to the connections of its loop.
class hub final : public runtime::inspectable<hub_actor> {
public:
  hub(caf::actor_config& config, const runtime::placement& where);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  /// A client's seat among the listeners of a room on this loop.
  struct seat {
    room_id room{};
    std::size_t index = 0;
  };

  struct client {
    client_port_ptr port;
    std::vector<seat> seats;
  };

  struct listener {
    session_id session{};
    client_port* port = nullptr;
  };

  void seat_client(room_id room, session_id session);
  void unseat_client(room_id room, session_id session);
  void vacate(const seat& place);
  void remove_client(session_id session);
  void deliver_to_room(const fan_out& x);
  [[nodiscard]] client* find(session_id session);

  std::unordered_map<session_id, client> clients_;
  std::unordered_map<room_id, std::vector<listener>> rooms_;
  std::uint64_t deliveries_ = 0;
};

} // namespace observer
