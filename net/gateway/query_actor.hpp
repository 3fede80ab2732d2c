#pragma once

#include "actors/runtime/inspectable.hpp"
#include "messages/actors.hpp"
#include "net/http/message.hpp"

#include <string>
#include <vector>

/// The actor that asks other actors on behalf of HTTP requests.
namespace observer::gateway {

/// HTTP: `GET /api/room/{id}/messages`; 404 unless the room is there.
struct read_messages {
  page_query query;
};

/// Admin: the snapshots of these actors, as JSON.
struct read_snapshots {
  std::vector<runtime::actor_info> actors;
  bool single = false; ///< answer one object, or 404, instead of an array
};

/// Asks, turns what comes back into JSON, and answers the request.
using query_actor
  = observable_actor::extend<caf::reacts_to<list_rooms, http::responder>,
                             caf::reacts_to<find_room, http::responder>,
                             caf::reacts_to<list_users, http::responder>,
                             caf::reacts_to<read_messages, http::responder>,
                             caf::reacts_to<read_snapshots, http::responder>>;

/// One a loop: answers go out on the loop that the request came in on.
class query final : public runtime::inspectable<query_actor> {
public:
  query(caf::actor_config& config, const runtime::placement& where,
        registry_actor registry, event_store_actor store);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  void answer_messages(const page_query& query, const http::responder& respond);
  void answer_snapshots(const read_snapshots& x,
                        const http::responder& respond);

  registry_actor registry_;
  event_store_actor store_;
  std::uint64_t requests_ = 0;
};

} // namespace observer::gateway

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::http::responder)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::gateway::read_messages)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::gateway::read_snapshots)
