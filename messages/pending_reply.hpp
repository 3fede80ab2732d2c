#pragma once

#include "messages/handles.hpp"
#include "messages/replies.hpp"

namespace observer {

/// A request that waits for its answer. Whoever drops the last reference
/// without having answered gives `unavailable`: a room that dies cannot leave a
/// client waiting.
class pending_reply {
public:
  /// @param waiting a session to be told `settled` before the client hears the
  ///        answer; null if it does not wait.
  pending_reply(hub_actor hub, session_id session, request_tag tag,
                session_actor waiting);
  pending_reply(const pending_reply&) = delete;
  pending_reply& operator=(const pending_reply&) = delete;
  ~pending_reply();

  /// Sends the answer. Only the first call counts.
  void answer(reply result);

private:
  hub_actor hub_;
  session_id session_;
  request_tag tag_;
  session_actor waiting_;
};

} // namespace observer
