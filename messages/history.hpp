#pragma once

#include "messages/model.hpp"
#include "messages/room_events.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

/// What is read of a room's past. No actor is known here: stores answer it.
namespace observer {

/// A stretch of history. `after` reads forward from there, oldest first;
/// otherwise the newest before `before` (or the newest of all) are read.
struct page_query {
  room_id room{};
  std::optional<sequence> after;
  std::optional<sequence> before;
  std::uint32_t limit = 100;
  /// Direct messages are shown to their two ends only; unset: to nobody.
  std::optional<user_id> reader;
  /// Messages behind this one are not there yet: whoever asks hears of them
  /// otherwise.
  std::optional<sequence> upto;
};

/// What a room has stored behind `after`, up to `upto`.
struct past_query {
  room_id room{};
  revision after = 0;
  revision upto = 0;
  std::size_t bytes = 0; ///< more than that is not wanted
};

/// The events of a `past_query`, none left out: the first has the revision
/// `after + 1`. Nothing if they are not all there any more, or too many.
struct room_past {
  std::optional<room_events> events;
};

} // namespace observer
