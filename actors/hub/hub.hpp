#pragma once

#include "actors/hub/replay_log.hpp"
#include "actors/runtime/inspectable.hpp"
#include "messages/hub.hpp"
#include "messages/settings.hpp"

#include <map>
#include <unordered_map>
#include <vector>

namespace observer {

/// Delivers what rooms say to the connections of its loop. With connection
/// state recovery, it keeps what it has delivered for a while, so that a client
/// whose connection broke gets all that it missed, in order.
///
/// An event names its own room's position, and is encoded once for all. The
/// store knows each room's order, but not how those of several rooms came
/// together here; so a client in several rooms gets a copy of the event with
/// their positions behind it, for the time after a restart.
class hub final : public runtime::inspectable<hub_actor> {
public:
  hub(caf::actor_config& config, const runtime::placement& where,
      const settings& limits, const event_encoder& encoder);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  /// A client's seat among the listeners of a room on this loop.
  struct seat {
    room_id room{};
    std::size_t index = 0;
    /// How far the client alone was told of the room: with what is told to all,
    /// this is how far it has heard it. 0: it does not know yet that it is in.
    revision told = 0;
  };

  struct client {
    client_port_ptr port;
    std::vector<seat> seats;
    /// With recovery only: when it could have heard what.
    replay_log::listener heard{};
    session_actor actor; ///< null until the client is remembered
    /// Made again after a restart, and the client is not there yet.
    bool awaited = false;
    connection_info who;
  };

  struct listener {
    session_id session{};
    client_port* port = nullptr;
    /// With recovery: whether the client is in several rooms.
    bool several = false;
    bool by_pages = false; ///< see `hub_message::admit`
  };

  struct room {
    std::vector<listener> listeners;
    replay_log::source_ptr said; ///< with recovery only
    revision told = 0;           ///< how far all of them were told
  };

  void seat_client(const hub_message::admit& x);
  void unseat_client(room_id room, session_id session);
  void vacate(const seat& place);
  void remove_client(session_id session);
  void remember_client(hub_message::remember_client& x);
  void suspend_client(const hub_message::suspend_client& x);
  void recover_client(hub_message::recover_client& x);
  void replay(client& whom, const heard_so_far& heard,
              const std::vector<frame>& missed);
  void change_port(client& whom, client_port_ptr port);
  void note_several(client& whom);
  [[nodiscard]] frame for_one(const client& whom, const frame& event) const;
  /// Whether the client is to hear it, told to all of the room.
  [[nodiscard]] bool wants(const client& whom, const frame& event) const;
  void tell(client& whom, const frame& event);
  void deliver_to_room(const hub_message::fan_out& x);
  [[nodiscard]] client* find(session_id session);

  void count(const request_tag& tag, const reply& result);
  [[nodiscard]] hub_snapshot snapshot() const;

  /// Of one event; events are few, and their names static.
  struct request_counts {
    std::string_view event;
    std::uint64_t granted = 0;
    std::map<errc, std::uint64_t> refused;
  };

  runtime::clock& clock_;
  const event_encoder& encoder_;
  std::size_t replay_bytes_;
  std::unordered_map<session_id, client> clients_;
  std::unordered_map<session_key, session_id, token_hash_hasher> by_key_;
  std::optional<replay_log> log_; ///< with recovery only
  client_port_ptr nobody_;        ///< in place of a connection that is lost
  std::unordered_map<room_id, room> rooms_;
  std::vector<request_counts> requests_;
  std::uint64_t deliveries_ = 0;
};

} // namespace observer
