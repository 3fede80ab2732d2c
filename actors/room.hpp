#pragma once

#include "actors/audience.hpp"
#include "actors/domain/decide.hpp"
#include "actors/roster.hpp"
#include "actors/runtime/inspectable.hpp"
#include "messages/actors.hpp"
#include "messages/limit_counts.hpp"
#include "messages/settings.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <unordered_map>
#include <variant>
#include <vector>

namespace observer {

/// What a room needs from its surroundings.
struct room_services {
  const settings& limits;
  const event_encoder& encoder;
  event_store_actor store;
  registry_actor registry;
  /// The next user id of the server.
  std::atomic<std::int64_t>& next_user;
  limit_counts& met;
};

/// One room. The rules are in `domain/decide`; this actor applies them, has the
/// events stored, and only then tells anybody:
///
/// ~~~
///   request ─▶ decide ─▶ apply ─▶ store ┄┄▶ appended ─▶ tell members, answer
/// ~~~
///
/// State runs ahead of the store: a request is decided on all that was decided
/// before it. What follows from it waits in `waiting_` until the store has said
/// yes. If it says no, nobody has heard of anything: what waits is taken back,
/// and the state is loaded again.
///
/// ~~~
///   stored ──▶ dormant ──▶ loading ──▶ live ◀── fresh
///                 ▲   somebody   ▲       │
///                 │     asks     └───────┤ the store refused
///                 └──────────────────────┘ nobody online for a while
/// ~~~
///
/// What comes while the room is not live waits in `stash_`.
class room final : public runtime::inspectable<room_actor> {
public:
  /// Whether the room is to be made by the first request, or is in the store.
  enum class origin { fresh, stored };

  room(caf::actor_config& config, const runtime::placement& where,
       const room_services& services, room_id id, origin from);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  // -- what follows from a request --------------------------------------------

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

  /// From here on the session hears what the room says.
  struct let_in {
    client_ref whom;
    user_id user{};
  };

  /// From here on it hears nothing more. `notify` unless the session has ended.
  struct let_out {
    client_ref whom;
    user_id user{};
    bool notify = true;
    bool expired = false; ///< see `left_room`
    bool absent = false;  ///< as in the roster, should this be taken back
  };

  /// The room is over.
  struct end {};

  using effect = std::variant<say, tell, let_in, let_out, end>;

  /// A session of an earlier run of the server is back: once the store has
  /// read what was missed, that is told.
  struct homecoming {
    client_ref whom;
    user_id user{};
    revision after = 0;
    bool knows_room = false; ///< whether the client heard that it is in
    caf::typed_response_promise<bool> promise;
  };

  /// One request's outcome, held back until its events are stored.
  struct commit {
    std::vector<effect> effects;
    reply_token token;
    reply result;
    bool stored = false;  ///< whether an `appended` will come for it
    bool queried = false; ///< whether a page is to come with it
    std::unique_ptr<homecoming> returning; ///< whether a past is
  };

  // -- requests ---------------------------------------------------------------

  template <class T>
  auto admits();
  template <class T>
  auto serves();
  template <class T>
  void serve_member(session_id session, T& request, const reply_token& token);

  void enter(const client_ref& client, host_request& request,
             const reply_token& token);
  void enter(const client_ref& client, host_retry& again,
             const reply_token& token);
  void enter(const client_ref& client, join_request& request,
             const reply_token& token);
  void enter(const client_ref& client, rejoin_request& request,
             const reply_token& token);
  void move_place(const client_ref& client, user_id user, commit work,
                  std::optional<page_query> query = {});
  caf::result<bool> resume(const client_ref& client, const resume_request& x);
  void take_back_place(const client_ref& client, const resume_request& x,
                       caf::typed_response_promise<bool> promise);
  void serve(user_id by, leave_request& request, const reply_token& token);
  void serve(user_id by, message_request& request, const reply_token& token);
  void serve(user_id by, activity_request& request, const reply_token& token);
  void serve(user_id by, history_request& request, const reply_token& token);
  void serve(user_id by, kick_request& request, const reply_token& token);
  void serve(user_id by, mute_request& request, const reply_token& token);
  void serve(user_id by, configure_request& request, const reply_token& token);
  void serve(user_id by, close_request& request, const reply_token& token);

  // -- from a decision to its effects -----------------------------------------

  void execute(domain::decision decided, const reply_token& token,
               reply result = success{});
  void record(room_events events, commit work,
              std::optional<page_query> query = {});
  void apply(const room_event::any& event, std::vector<effect>& effects);
  static void note_seat(room_events& events, const client_ref& client,
                        user_id user);
  [[nodiscard]] tell tell_state(const client_ref& whom) const;
  void connect(const client_ref& client, user_id user);
  void disconnect(user_id user, std::vector<effect>& effects,
                  bool expired = false);
  [[nodiscard]] domain::fresh_place fresh_place(std::string& token);

  /// Whether it is time to give the store the whole state.
  [[nodiscard]] bool wants_restore_point();

  void on_appended(appended& x);
  [[nodiscard]] bool retell(commit& work, const room_past& past) const;
  static void add_page(reply& result, std::optional<message_page> page);
  void release(commit& work);
  [[nodiscard]] bool is_for_nobody(const say& x) const;
  void perform(say& x);
  void perform(tell& x);
  void perform(let_in& x);
  void perform(let_out& x);
  void perform(end& x);

  // -- coming and going of the state ------------------------------------------

  enum class phase { dormant, loading, live };

  /// Answers a query, as soon as the room is live.
  template <class Result, class F>
  caf::result<Result> ask_live(F answer);
  void stash(std::function<void()> work);
  void load();
  void on_loaded(room_loaded& x);
  void take_back_what_waits();
  void fall_asleep();

  // -- time and failure -------------------------------------------------------

  void on_session_down(const caf::down_msg& down);
  void on_presence_change(const presence_change& x);
  void on_wake_up();
  void expire();
  void schedule_wake();
  void wake_at(monotonic when);

  [[nodiscard]] event_id next_event_id(revision rev);
  [[nodiscard]] bool is_online(user_id user) const;

  room_services services_;
  runtime::clock& clock_;
  room_id id_;
  phase phase_;
  domain::room_state state_;
  revision decided_ = 0; ///< of the newest event in `state_`
  std::vector<std::function<void()>> stash_;
  /// Since when members are offline, while that is not in `state_`.
  std::unordered_map<user_id, monotonic> offline_since_;
  /// For those who are not there: since the start of the server.
  monotonic started_{};
  /// Since when nobody is online.
  monotonic idle_since_{};
  roster connected_;   ///< as of the last decision
  audience listening_; ///< as of the last release
  std::deque<commit> waiting_;
  std::optional<monotonic> wake_;
  monotonic expire_after_{}; ///< no place ends before, whatever its grace time
  /// With connection state recovery: what has been said.
  std::uint32_t life_;
  std::uint64_t said_ = 0;
  /// Events since the last restore point, and how many there may be.
  std::size_t unsaved_ = 0;
  std::size_t unsaved_limit_;
  /// Of the one who made the room, for the answer to a retry of its `host`;
  /// empty if that has no `client_id`.
  std::string host_token_;
  std::uint64_t messages_ = 0;
  std::uint64_t activities_ = 0;
};

} // namespace observer
