#pragma once

#include "actors/domain/token_bucket.hpp"
#include "actors/host_memory.hpp"
#include "actors/room/room.hpp"
#include "actors/runtime/inspectable.hpp"
#include "actors/store/store.hpp"
#include "messages/actors.hpp"
#include "messages/limit_counts.hpp"
#include "messages/settings.hpp"

#include <atomic>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace observer {

/// What the registry gives to the rooms that it makes.
struct registry_services {
  const settings& limits;
  const event_encoder& encoder;
  event_store_actor store;
  /// Where rooms may live; room ids are spread over them.
  std::vector<runtime::placement> places;
  /// What was there when the server ended last.
  stored_rooms stored;
  limit_counts& met;
};

/// Knows all rooms.
class registry final : public runtime::inspectable<registry_actor> {
public:
  registry(caf::actor_config& config, const runtime::placement& where,
           registry_services services);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  room_actor spawn_room(room_id id, room::origin from);
  void host(const open_room& from, const client_ref& client,
            host_request& request, const reply_token& token);
  [[nodiscard]] room_id make_room(const client_ref& client,
                                  host_request& request,
                                  const reply_token& token);
  [[nodiscard]] bool within_rate(const std::string& address);

  /// Leads somebody who wants to enter to the room.
  template <class T>
  auto leads();

  /// Asks `rooms` the same question, `add`s up what they say and answers with
  /// it, in order of ids. A room that ends meanwhile is left out.
  template <class Row, class Answer, class Query, class Add>
  caf::typed_response_promise<std::vector<Row>>
  gather(std::vector<room_actor> rooms, Query query, Add add,
         std::uint32_t limit);

  [[nodiscard]] room_actor find(room_id room) const;
  void on_down(const caf::down_msg& down);

  registry_services services_;
  runtime::clock& clock_;
  std::map<room_id, room_actor> rooms_;
  std::int64_t next_room_;
  std::atomic<std::int64_t> next_user_;
  std::unordered_map<std::string, domain::token_bucket> buckets_;
  host_memory hosts_;
  std::uint64_t made_ = 0;
  std::uint64_t failed_ = 0;
};

} // namespace observer
