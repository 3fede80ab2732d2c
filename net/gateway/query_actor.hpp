#pragma once

#include "actors/runtime/inspectable.hpp"
#include "messages/history.hpp"
#include "messages/limit_counts.hpp"
#include "messages/registry.hpp"
#include "net/gateway/actor_selection.hpp"
#include "net/gateway/answer_budget.hpp"
#include "net/http/message.hpp"

#include <deque>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

/// The actor that asks other actors on behalf of HTTP requests.
namespace observer::gateway {

using observer::stays_in_process;

/// HTTP: `GET /api/room/{id}`.
struct read_room {
  room_id room{};
  bool summary = false;
};

/// HTTP: `GET /api/room/{id}/messages`; 404 unless the room is there, 403
/// unless who asks may read them.
struct read_messages {
  page_query query;
  reading_request who;
};

/// Admin: the snapshots of some actors, as JSON.
struct read_snapshots {
  actor_selection which;
};

/// Admin: the snapshot of one actor, as JSON; 404 unless it is there.
struct read_snapshot {
  caf::actor_id actor = 0;
};

/// Admin: figures, as a text for Prometheus.
struct read_metrics {
  /// Writes the text from what the actors say that there are few of.
  std::function<std::string(std::vector<actor_snapshot>)> write;
};

/// Asks, turns what comes back into JSON, and answers the request.
using query_actor = observable_actor::extend<
  caf::reacts_to<registry_message::list_rooms, http::responder>,
  caf::reacts_to<registry_message::list_users, http::responder>,
  caf::reacts_to<read_room, http::responder>,
  caf::reacts_to<read_messages, http::responder>,
  caf::reacts_to<read_snapshots, http::responder>,
  caf::reacts_to<read_snapshot, http::responder>,
  caf::reacts_to<read_metrics, http::responder>>;

/// One a loop: answers go out on the loop that the request came in on.
///
/// Those who ask for the same thing share one answer. It must not be older than
/// their request, so who comes while it is under way waits for the next:
///
/// ~~~
///   request ─▶ next ─▶ served ┄┄▶ answer, for all who are served
/// ~~~
///
/// Only a few questions are under way at a time: what CAF keeps of each makes
/// the others slower. Lists cost the most and have a lane of their own.
class query final : public runtime::inspectable<query_actor> {
public:
  query(caf::actor_config& config, const runtime::placement& where,
        registry_actor registry, history_actor history,
        const answer_budget& budget, limit_counts& met);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  /// Questions that wait for each other.
  struct lane {
    std::size_t width = 1; ///< that may be under way at a time
    std::size_t under_way = 0;
    std::deque<std::string> waiting; ///< keys of `lines_`
  };

  /// Those who ask for one thing.
  struct line {
    lane* in = nullptr;
    std::function<void()> ask;
    std::vector<http::responder> next;
    std::vector<http::responder> served;
  };

  template <class Question, lane query::*Lane>
  auto takes();
  void ask_next(lane& in);

  /// Ends what `ask` began.
  void answer(const std::string& key, const http::response& out);
  void answer(const std::string& key, std::string body);

  /// @param next leads to the next page; empty: there is none.
  void answer_list(const std::string& key, std::string body, std::string next);

  void ask(const std::string& key, const registry_message::list_rooms& x);
  void ask(const std::string& key, const registry_message::list_users& x);
  void ask(const std::string& key, const read_room& x);
  void ask(const std::string& key, const read_messages& x);
  void ask(const std::string& key, const read_snapshots& x);
  void ask(const std::string& key, const read_snapshot& x);
  void ask(const std::string& key, const read_metrics& x);
  void read_page(const std::string& key, const page_query& page);

  struct gathering;
  void gather(const std::shared_ptr<gathering>& state);

  runtime::clock& clock_;
  registry_actor registry_;
  history_actor history_;
  const answer_budget& budget_;
  limit_counts& met_;
  std::unordered_map<std::string, line> lines_; ///< by what is asked for
  lane lists_{1, 0, {}};
  lane others_{32, 0, {}};
  std::uint64_t requests_ = 0;
};

} // namespace observer::gateway

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(observer::http::responder)
