#pragma once

#include "actors/registry/host_memory.hpp"
#include "actors/registry/survey.hpp"
#include "actors/room/room.hpp"
#include "actors/runtime/inspectable.hpp"
#include "actors/store/backend/store.hpp"
#include "messages/limit_counts.hpp"
#include "messages/limits/token_buckets.hpp"
#include "messages/registry.hpp"
#include "messages/room.hpp"
#include "messages/settings.hpp"

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace observer {

/// What the registry gives to the rooms that it makes.
struct registry_services {
  const settings& limits;
  const event_encoder& encoder;
  event_store_actor store;
  password_service passwords;
  /// Where rooms may live; room ids are spread over them.
  std::vector<runtime::placement> places;
  /// What was there when the server ended last.
  stored_rooms stored;
  limit_counts& met;
};

/// Knows all rooms. Lists of them are put together one after the other (see
/// `survey`).
class registry final : public runtime::inspectable<registry_actor> {
public:
  registry(caf::actor_config& config, const runtime::placement& where,
           registry_services services);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  room_actor spawn_room(room_id id, room::origin from);
  void host(const registry_message::open_room& from, const client_ref& client,
            host_request& request, const reply_token& token);
  [[nodiscard]] room_id make_room(const client_ref& client,
                                  host_request& request,
                                  const reply_token& token);
  [[nodiscard]] bool within_rate(const client_ref& client);

  /// Leads somebody who wants to enter to the room.
  template <class T>
  auto leads();

  void put_in_line(std::unique_ptr<survey> next);
  void begin_survey();
  void set_alarm();
  void continue_survey();
  void hear(room_id room, const room_data_ptr& found);
  void end_survey(bool rooms_left);
  void on_wake_up();

  [[nodiscard]] room_actor find(room_id room) const;
  void on_down(const caf::down_msg& down);

  registry_services services_;
  runtime::clock& clock_;
  std::map<room_id, room_actor> rooms_;
  std::int64_t next_room_;
  std::atomic<std::int64_t> next_user_;
  token_buckets<std::string> buckets_; ///< by network
  host_memory hosts_;
  /// One at a time: the first is under way.
  std::deque<std::unique_ptr<survey>> surveys_;
  monotonic survey_due_{}; ///< of the first
  bool alarm_set_ = false;
  std::uint64_t made_ = 0;
  std::uint64_t failed_ = 0;
};

} // namespace observer
