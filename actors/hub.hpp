#pragma once

#include "actors/replay_log.hpp"
#include "actors/runtime/inspectable.hpp"
#include "messages/actors.hpp"
#include "messages/settings.hpp"

#include <unordered_map>
#include <vector>

namespace observer {

/// Delivers what rooms say to the connections of its loop. With connection
/// state recovery, it keeps what it has delivered for a while, so that a client
/// whose connection broke gets all that it missed, in order.
class hub final : public runtime::inspectable<hub_actor> {
public:
  hub(caf::actor_config& config, const runtime::placement& where,
      const settings& limits);

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
    /// With recovery only: when it could have heard what.
    replay_log::listener heard{};
    session_actor actor;
    connection_info who;
  };

  struct listener {
    session_id session{};
    client_port* port = nullptr;
  };

  void seat_client(room_id room, session_id session);
  void unseat_client(room_id room, session_id session);
  void vacate(const seat& place);
  void remove_client(session_id session);
  void remember_client(observer::remember_client& x);
  void suspend_client(const observer::suspend_client& x);
  void recover_client(const observer::recover_client& x);
  void change_port(client& whom, client_port_ptr port);
  void deliver_to_room(const fan_out& x);
  [[nodiscard]] client* find(session_id session);

  runtime::clock& clock_;
  std::unordered_map<session_id, client> clients_;
  std::unordered_map<std::string, session_id> by_recovery_id_;
  std::optional<replay_log> log_; ///< with recovery only
  client_port_ptr nobody_;        ///< in place of a connection that is lost
  std::unordered_map<room_id, std::vector<listener>> rooms_;
  std::uint64_t deliveries_ = 0;
};

} // namespace observer
