#include "messages/pending_reply.hpp"

#include "messages/hub.hpp"
#include "messages/session.hpp"

#include <caf/send.hpp>

namespace observer {

pending_reply::pending_reply(hub_actor hub, session_id session, request_tag tag,
                             session_actor waiting)
  : hub_(std::move(hub)),
    session_(session),
    tag_(tag),
    waiting_(std::move(waiting)) {
}

pending_reply::~pending_reply() {
  answer(failure{errc::unavailable, "the room cannot serve now"});
}

void pending_reply::answer(reply result) {
  if (!hub_)
    return;
  if (waiting_)
    caf::anon_send(waiting_, session_message::settled{});
  waiting_ = nullptr;
  caf::anon_send(hub_, hub_message::answer{session_, tag_, std::move(result)});
  hub_ = nullptr;
}

} // namespace observer
