#pragma once

#include "actors/domain/secret.hpp"
#include "actors/runtime/inspectable.hpp"
#include "actors/store/backend/store.hpp"
#include "messages/hub.hpp"
#include "messages/limit_counts.hpp"
#include "messages/password_keeper.hpp"
#include "messages/room.hpp"
#include "messages/settings.hpp"

#include <caf/actor_system.hpp>

#include <atomic>
#include <chrono>
#include <string_view>
#include <vector>

namespace observer {

/// What the actors of a server share; all of it outlives them.
struct actor_surroundings {
  const settings& limits;
  const event_encoder& encoder;
  limit_counts& met;
  runtime::directory& directory;
  std::vector<runtime::placement> loops; ///< at least one
  runtime::placement hashing;            ///< may block
  domain::password_cost password_cost = domain::password_cost::interactive();
};

/// Who keeps what happens, and who reads it for those who are not members.
struct store_actors {
  event_store_actor store;
  history_actor history;
};

/// The actors of a server: makes them, leads clients to them, and ends them in
/// order. Not those of its front end, which know wire formats.
class server_actors {
public:
  /// @param stored what was there when the server ended last
  server_actors(caf::actor_system& system, actor_surroundings around,
                store_actors store, stored_rooms stored);

  server_actors(const server_actors&) = delete;
  server_actors& operator=(const server_actors&) = delete;

  /// The session of a client that is new on a loop.
  [[nodiscard]] session_actor begin_session(std::size_t loop,
                                            client_port_ptr port);

  /// A session that its hub does not remember yet.
  [[nodiscard]] client_ref make_session(std::size_t loop, client_port_ptr port);

  /// Leads a client that comes back to where its session is, or was in an
  /// earlier run.
  /// @param loop that its recovery id speaks of
  void recover(std::size_t loop, hub_message::recover_client request);

  [[nodiscard]] const registry_actor& registry() const noexcept {
    return registry_;
  }

  [[nodiscard]] const history_actor& history() const noexcept {
    return store_.history;
  }

  [[nodiscard]] const password_keeper_actor& passwords() const noexcept {
    return passwords_;
  }

  [[nodiscard]] const hub_actor& hub_at(std::size_t loop) const {
    return hubs_[loop];
  }

  /// Null without recovery.
  [[nodiscard]] reviver_actor reviver_at(std::size_t loop) const {
    return revivers_.empty() ? reviver_actor{} : revivers_[loop];
  }

  /// Where passwords wait for their keeper.
  [[nodiscard]] password_service password_line() {
    return {passwords_, line_};
  }

  /// Ends them, those first whom others need longest alive last: sessions,
  /// rooms, store, hubs. Clients cannot reach them any more.
  /// @param patience for each kind; whoever is late is left behind
  void end(std::chrono::milliseconds patience);

private:
  caf::actor_system& system_;
  actor_surroundings around_;
  store_actors store_;
  waiting_line line_;
  password_keeper_actor passwords_;
  registry_actor registry_;
  std::vector<hub_actor> hubs_;
  std::vector<reviver_actor> revivers_; ///< with recovery only, one a loop
  std::atomic<std::uint64_t> next_session_{1};
};

/// Asks actors to end and waits until they have.
/// @param whom for the log
/// @returns whether all of them ended within `patience`
bool end_actors(caf::actor_system& system, const std::vector<caf::actor>& all,
                std::string_view whom, std::chrono::milliseconds patience);

} // namespace observer
