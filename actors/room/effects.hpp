#pragma once

#include "actors/room/roster.hpp"
#include "messages/client_events.hpp"
#include "messages/replies.hpp"
#include "messages/room.hpp"

#include <caf/typed_response_promise.hpp>

#include <functional>
#include <memory>
#include <variant>
#include <vector>

/// What follows from a decision outside of a room's state. It is held back
/// until the decision is stored; then it is performed, or else taken back.
namespace observer::effect {

/// Tells all members who are connected.
struct say {
  client_event::any event;
  urgency how = urgency::keep;
  session_id except{};
  revision rev = 0; ///< whoever hears it has heard the room up to there
};

/// Tells one session.
struct tell {
  client_ref whom;
  client_event::any event;
  revision rev = 0; ///< as in `say`
};

/// Somebody's place has moved: from here on whoever took the seat hears what
/// the room says, and whoever gave it up hears nothing more.
struct moved {
  roster::move what;
  client_ref in;         ///< who took the seat, if anybody did
  bool expired = false;  ///< see `left_room`
  bool by_pages = false; ///< see `hub_message::admit`
};

/// A session has ended that listened there.
struct one_less {
  hub_actor hub;
};

/// What is said of the user's connection is true, whatever the store says.
struct presence_of {
  user_id user{};
};

/// The user leaves, having said goodbye.
struct farewell {
  user_id user{};
};

/// A query, answered with what was seen, if that is stored.
struct shown {
  std::function<void(bool stored)> answer;
};

/// The room is over.
struct end {};

using any
  = std::variant<say, tell, moved, one_less, presence_of, farewell, shown, end>;

} // namespace observer::effect

namespace observer {

/// A session of an earlier run of the server is back: once the store has read
/// what was missed, that is told.
struct homecoming {
  client_ref whom;
  user_id user{};
  revision after = 0;
  bool knows_room = false; ///< whether the client heard that it is in
  caf::typed_response_promise<bool> promise;
};

/// All that follows from one decision.
struct commit {
  std::vector<effect::any> effects;
  reply_token token; ///< null: nobody waits for `result`
  reply result;
  bool queried = false; ///< whether the store is to add a page to `result`
  std::unique_ptr<homecoming> returning; ///< whether it is to tell a past
};

} // namespace observer
