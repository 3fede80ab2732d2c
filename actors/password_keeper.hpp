#pragma once

#include "actors/domain/secret.hpp"
#include "actors/runtime/inspectable.hpp"
#include "messages/password_keeper.hpp"

namespace observer {

/// Hashes and checks passwords: one at a time, on a loop of its own, because
/// each takes some 0.1 s and 64 MiB. Its mailbox is the line; who wants to be
/// in it takes a place there first (`password_service`).
class password_keeper final
  : public runtime::inspectable<password_keeper_actor> {
public:
  /// @param line must outlive the actor.
  password_keeper(caf::actor_config& config, const runtime::placement& where,
                  const domain::password_cost& cost, const waiting_line& line);

  behavior_type make_behavior() override;

private:
  domain::password_cost cost_;
  const waiting_line& line_;
  std::uint64_t hashed_ = 0;
  std::uint64_t checked_ = 0;
};

} // namespace observer
