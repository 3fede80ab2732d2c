#pragma once

#include "messages/handles.hpp"
#include "messages/history.hpp"
#include "messages/stored_session.hpp"

#include <optional>

namespace observer {

/// What the store's actor is told.
namespace store_message {

using observer::stays_in_process;

/// Room → store: events to keep, then perhaps a page to read. Answered with
/// `appended` to `from`, in the order of the requests.
struct append {
  room_id room{};
  room_events events;
  std::optional<page_query> query;
  room_actor from;
  std::optional<past_query> past;
};

/// Room → store: what is there of me? Answered with `room_loaded`.
struct load_room {
  room_id room{};
  room_actor from;
};

/// Asks the store for a session that an earlier run of the server had.
struct find_session {
  session_key key{};
};

/// Store → itself: all appends that were waiting are in the batch.
struct commit_batch {};

} // namespace store_message

} // namespace observer
