#pragma once

#include "actors/runtime/inspectable.hpp"
#include "actors/store/store.hpp"
#include "messages/actors.hpp"

#include <memory>

namespace observer {

/// Owns the store; everybody else asks this actor.
class event_store final : public runtime::inspectable<event_store_actor> {
public:
  event_store(caf::actor_config& config, const runtime::placement& where,
              std::unique_ptr<store> backend);

  behavior_type make_behavior() override;

private:
  void append_and_answer(append& x);

  std::unique_ptr<store> backend_;
};

} // namespace observer
