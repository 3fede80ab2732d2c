#pragma once

#include "actors/runtime/directory.hpp"
#include "actors/runtime/loops.hpp"
#include "actors/runtime/watchdog.hpp"
#include "actors/server_actors.hpp"
#include "actors/store/backend/folder_lock.hpp"
#include "actors/store/event_store.hpp"
#include "net/gateway/answer_budget.hpp"
#include "net/gateway/client_script.hpp"
#include "net/gateway/encoding.hpp"
#include "net/gateway/ended_clients.hpp"
#include "net/gateway/query_actor.hpp"
#include "net/gateway/rooms_namespace.hpp"
#include "net/sio/server.hpp"
#include "net/transport/server.hpp"
#include "tools/observerd/config.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace observer {

/// The composition root: everything that observerd is made of, wired together.
class application {
public:
  /// @param settings must outlive the application.
  explicit application(const config& settings);

  /// Takes what is still there down, whatever state it is in.
  ~application();

  /// Opens the doors; says on stdout where.
  /// @throws std::exception an address or a file cannot be had
  void start();

  /// Shuts down in order: doors and connections, sessions, rooms, store. Each
  /// step has a deadline, so this returns.
  void stop();

private:
  /// As it is configured; clients that do not read become alarms.
  [[nodiscard]] transport::options transport_with_alarms();
  [[nodiscard]] runtime::placement place_at(runtime::loop& loop);
  [[nodiscard]] gateway::session_finder make_session_finder();
  [[nodiscard]] std::unique_ptr<store> open_store();
  [[nodiscard]] store_actors start_store(std::unique_ptr<store> backend);
  /// The Socket.IO server of a loop, with the rooms' namespace.
  [[nodiscard]] sio::server& make_io(std::size_t loop);
  void start_admin();
  /// @param found what actors say that there are few of
  [[nodiscard]] std::string write_metrics(std::vector<actor_snapshot> found);

  /// Whether the store can take more.
  [[nodiscard]] bool store_keeps_up() const;

  /// Sends new clients away while the store is behind.
  [[nodiscard]] transport::admission_check make_admission_check();

  /// Ends everything that clients reach the server through.
  void shut_doors();

  const config& settings_;
  std::optional<folder_lock> folder_;
  store_health store_health_;
  limit_counts met_;
  socketio::limit_counts packets_met_;
  runtime::directory actors_;
  std::vector<std::unique_ptr<sio::server>> io_; ///< one a loop; outlive them
  runtime::loops loops_;
  transport::options options_;
  transport::options admin_options_;
  transport::server server_;
  std::optional<transport::server> admin_;
  gateway::answer_budget answers_;
  gateway::client_script script_;
  gateway::ended_clients ended_;
  gateway::wire_encoder encoder_;
  caf::actor_system_config caf_config_;
  std::optional<caf::actor_system> system_;
  std::optional<server_actors> rooms_;
  std::vector<gateway::query_actor> queries_; ///< one a loop
  std::atomic<bool> ready_{false};
  std::jthread watch_; ///< of the watchdog; from `start` to `stop`
};

} // namespace observer
