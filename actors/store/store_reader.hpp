#pragma once

#include "actors/runtime/inspectable.hpp"
#include "actors/store/backend/store.hpp"
#include "messages/handles.hpp"
#include "messages/history.hpp"

#include <functional>
#include <memory>

namespace observer {

/// Reads history beside the store's actor, which has commits to make: for those
/// who are not members, who see what is stored. On a loop of its own, because
/// reading blocks.
///
/// Where it cannot read, e.g. while a full disk leaves no room for what
/// connections share, it leaves the question to the store's actor.
class store_reader final : public runtime::inspectable<history_actor> {
public:
  using opener = std::function<std::unique_ptr<const store>()>;

  /// @param open opens the store once more; throws store_error if it cannot.
  store_reader(caf::actor_config& config, const runtime::placement& where,
               opener open, event_store_actor owner);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  caf::result<message_page> read(const page_query& query);

  opener open_;
  event_store_actor owner_;
  std::unique_ptr<const store> backend_; ///< null until it could be opened
  std::uint64_t pages_ = 0;
  std::uint64_t passed_ = 0; ///< to the store's actor
};

} // namespace observer
