#include "actors/password_keeper.hpp"

namespace observer {

password_keeper::password_keeper(caf::actor_config& config,
                                 const runtime::placement& where,
                                 const domain::password_cost& cost,
                                 const waiting_line& line)
  : inspectable(config, where, "password_keeper", "password_keeper"),
    cost_(cost),
    line_(line) {
}

password_keeper::behavior_type password_keeper::make_behavior() {
  return {
    on([this](const get_snapshot&) -> actor_snapshot {
      return password_keeper_snapshot{line_.size(), hashed_, checked_};
    }),
    on([this](const password_message::hash_password& x) {
      ++hashed_;
      return domain::hash_password(x.text, cost_);
    }),
    on([this](const password_message::check_password& x) {
      ++checked_;
      return domain::matches(x.hash, x.text);
    }),
  };
}

} // namespace observer
