#pragma once

#include "messages/ids.hpp"
#include "messages/in_process.hpp"
#include "messages/secret.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Sessions as the store knows them. No actor is known here.
namespace observer {

/// A session as the store knows it.
struct stored_session {
  /// A place that the session had in a room.
  struct seat {
    room_id room{};
    user_id user{};
    revision since = 0;
    std::optional<revision> ended; ///< unset: has it still

    bool operator==(const seat&) const = default;
  };

  std::string socket_id;
  /// In order of `room`; of the ended ones, the last that it entered.
  std::vector<seat> seats;

  bool operator==(const stored_session&) const = default;
};

using stored_session_ptr = std::shared_ptr<const stored_session>;

namespace store_message {

using observer::stays_in_process;

/// Session → store: it is there, and may be asked for after a restart. What the
/// store cannot keep now, its client will not miss: it begins anew then.
struct keep_session {
  session_key key{};
  std::string socket_id;
};

/// Session → store: it is over.
struct forget_session {
  session_key key{};
};

} // namespace store_message

} // namespace observer
