#pragma once

#include "actors/runtime/inspectable.hpp"
#include "actors/store/backend/store.hpp"
#include "actors/store/store_health.hpp"
#include "messages/room.hpp"
#include "messages/store.hpp"

#include <memory>
#include <unordered_set>
#include <vector>

namespace observer {

/// Owns the store; everybody else asks this actor. On a loop of its own where
/// the store blocks.
///
/// All appends that wait in the mailbox are kept by one transaction:
///
/// ~~~
///   append, append, …, commit_batch ─▶ store.append(all) ─▶ appended, …
/// ~~~
///
/// A store that refuses, at the start or later, is asked every second whether
/// it can again.
///
/// With connection state recovery it keeps sessions as well. Those of an
/// earlier run of the server may be asked for in the recovery window, which
/// begins anew at the start; then they are forgotten.
class event_store final : public runtime::inspectable<event_store_actor> {
public:
  event_store(caf::actor_config& config, const runtime::placement& where,
              std::unique_ptr<store> backend, const retention& keep,
              std::optional<std::chrono::milliseconds> recovery_window,
              store_health& health);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  void commit();
  [[nodiscard]] bool keep(const std::vector<room_append>& rooms,
                          const std::vector<session_change>& sessions);
  void change(session_change x);
  void ask_for_commit();
  void answer(store_message::append& x, bool ok);
  [[nodiscard]] room_past past_of(const past_query& query);
  void load(const store_message::load_room& x);
  void on_wake_up();
  void probe();
  void probe_again();
  void schedule_probe();
  void trim();
  void forget_unclaimed();
  void schedule_trim(std::chrono::milliseconds pause);
  void wake_in(std::chrono::milliseconds delay);

  std::unique_ptr<store> backend_;
  runtime::clock& clock_;
  retention retention_;
  store_health& health_;
  std::optional<std::chrono::milliseconds> recovery_window_;
  std::vector<store_message::append> batch_;
  std::vector<session_change> changes_; ///< of sessions, in the same batch
  /// Of those, what a full store must make up for: nobody comes back for a
  /// session that is over.
  std::vector<session_change> unforgotten_;
  /// Sessions of an earlier run that nobody has come back for.
  std::unordered_set<session_key, token_hash_hasher> unclaimed_;
  std::optional<monotonic> forget_due_;
  /// Rooms whose state is ahead of the store: what they append was decided on
  /// something that was not kept.
  std::unordered_set<room_id> ahead_;
  std::optional<monotonic> probe_due_;
  std::optional<monotonic> trim_due_;
  std::uint64_t refused_ = 0;
};

} // namespace observer
