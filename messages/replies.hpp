#pragma once

#include "messages/failure.hpp"
#include "messages/model.hpp"

#include <optional>
#include <string>
#include <variant>

namespace observer {

/// The request was carried out; there is nothing to add.
struct success {};

/// Answers `host`, `join` and `rejoin`.
struct entered {
  room_id room{};
  user_id user{};
  std::string token;                ///< empty after `rejoin`
  std::optional<message_page> page; ///< if history was asked for
};

/// Answers `message`: stored, will survive a crash.
struct posted {
  room_id room{};
  sequence seq = 0;
  timestamp sent_at{};
};

/// What a client's request came to. A `message_page` answers `history`, a
/// `member_page` `members`.
using reply
  = std::variant<failure, success, entered, posted, message_page, member_page>;

} // namespace observer
