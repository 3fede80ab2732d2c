#pragma once

#include "actors/runtime/inspectable.hpp"
#include "actors/store/store.hpp"
#include "actors/store_health.hpp"
#include "messages/actors.hpp"

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
class event_store final : public runtime::inspectable<event_store_actor> {
public:
  event_store(caf::actor_config& config, const runtime::placement& where,
              std::unique_ptr<store> backend, const retention& keep,
              store_health& health);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  void commit();
  [[nodiscard]] bool keep(const std::vector<room_append>& batch);
  void answer(append& x, bool ok);
  void load(const load_room& x);
  void on_wake_up();
  void probe();
  void trim();
  void schedule_trim(std::chrono::milliseconds pause);
  void wake_in(std::chrono::milliseconds delay);

  std::unique_ptr<store> backend_;
  runtime::clock& clock_;
  retention retention_;
  store_health& health_;
  std::vector<append> batch_;
  /// Rooms whose state is ahead of the store: what they append was decided on
  /// something that was not kept.
  std::unordered_set<room_id> ahead_;
  std::optional<monotonic> trim_due_;
  std::uint64_t refused_ = 0;
};

} // namespace observer
