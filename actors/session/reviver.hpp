#pragma once

#include "actors/runtime/inspectable.hpp"
#include "messages/hub.hpp"
#include "messages/room.hpp"
#include "messages/settings.hpp"
#include "messages/store.hpp"

#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace observer {

/// What a reviver needs from its surroundings.
struct reviver_services {
  const settings& limits;
  const event_encoder& encoder;
  registry_actor registry;
  event_store_actor store;
  hub_actor hub; ///< of its own loop
  /// Makes a session actor on its loop that the hub does not remember yet.
  std::function<client_ref(client_port_ptr)> make_session;
};

/// Brings sessions back that an earlier run of the server had (connection state
/// recovery after a restart, also after a crash).
///
/// ~~~
///  recover_client ─▶ find_session ─▶ a session, its client still absent
///     (from hub)       (store)          │ resume_request to each of its rooms:
///                                       ▼ they take it in and tell all it
///                                       missed
///  recovered ◀─ recover_client ◀─ remember_client
///  (to client)     (to hub, which hands on what it has logged meanwhile)
/// ~~~
///
/// Where anything is not there any more that the client has missed, it begins
/// anew: a client may be told that it was not recovered, but it never misses
/// something without knowing.
class reviver final : public runtime::inspectable<reviver_actor> {
public:
  reviver(caf::actor_config& config, const runtime::placement& where,
          reviver_services services);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  using seat = stored_session::seat;

  /// One session on its way back.
  struct revival {
    hub_message::recover_client asked;
    client_ref session; ///< null until the store has said who it was
    std::size_t open = 0;
    bool failed = false;
  };

  void recover(hub_message::recover_client& x);
  void on_found(const session_key& key, const stored_session_ptr& found);
  void resume(const session_key& key, const seat& place,
              std::optional<revision> heard);
  void tell_end(const session_key& key, const seat& place, revision heard);
  [[nodiscard]] bool tell(const client_ref& whom, const seat& place,
                          revision heard, const room_past& past);
  void one_done(const session_key& key, bool good);
  void give_up(const session_key& key);

  reviver_services services_;
  runtime::clock& clock_;
  monotonic started_;
  std::uint32_t life_; ///< of the events that it tells itself
  std::uint64_t told_ = 0;
  std::unordered_map<session_key, revival, token_hash_hasher> under_way_;
  /// The hub knows these, or they have ended since.
  std::unordered_set<session_key, token_hash_hasher> revived_;
  std::uint64_t refused_ = 0;
};

} // namespace observer
