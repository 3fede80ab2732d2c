#pragma once

#include "actors/domain/decide.hpp"
#include "actors/domain/secret.hpp"
#include "actors/room/absentees.hpp"
#include "actors/room/audience.hpp"
#include "actors/room/effects.hpp"
#include "actors/room/ledger.hpp"
#include "actors/room/roster.hpp"
#include "actors/runtime/inspectable.hpp"
#include "messages/limit_counts.hpp"
#include "messages/limits/token_buckets.hpp"
#include "messages/password_keeper.hpp"
#include "messages/pending_reply.hpp"
#include "messages/room.hpp"
#include "messages/settings.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace observer {

/// What a room needs from its surroundings.
struct room_services {
  const settings& limits;
  const event_encoder& encoder;
  event_store_actor store;
  registry_actor registry;
  password_service passwords;
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
/// before it. What follows from it, be it a refusal or what REST is shown,
/// waits in `waiting_` until the store has said yes. If it says no, nobody has
/// heard of anything: what waits is taken back, and the state is loaded again.
///
/// ~~~
///   stored ──▶ dormant ──▶ loading ──▶ live ◀── fresh
///                 ▲   somebody   ▲       │ ╲
///                 │     asks     └───────┤  ╲ its end is stored
///                 │    the store refused │   ▼
///                 └──────────────────────┘  over ──▶ (the actor ends)
///                   nobody online for a while
/// ~~~
///
/// What comes while the room is dormant or loading waits in `stash_`.
class room final : public runtime::inspectable<room_actor> {
public:
  static constexpr const char* kind = "room";

  /// Whether the room is to be made by the first request, or is in the store.
  enum class origin { fresh, stored };

  room(caf::actor_config& config, const runtime::placement& where,
       const room_services& services, room_id id, origin from);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  enum class phase { dormant, loading, live, over };

  /// How long a room waits until it asks again, by itself, a store that could
  /// not load it, or that refused what nobody but the room wanted to keep.
  static constexpr auto store_pause = std::chrono::seconds{1};

  // -- what members ask for (room.cpp) ----------------------------------------

  template <class T>
  auto admits();
  template <request_in<member_request> T>
  auto serves();
  template <class T>
  void serve_member(session_id session, T& request, const reply_token& token);

  /// What the rules alone decide.
  template <request_in<member_request> T>
  void serve(user_id by, T& request, const reply_token& token);
  void serve(user_id by, message_request& request, const reply_token& token);
  void serve(user_id by, activity_request& request, const reply_token& token);
  void serve(user_id by, history_request& request, const reply_token& token);
  void serve(user_id by, members_request& request, const reply_token& token);
  void serve(user_id by, configure_request& request, const reply_token& token);
  /// Takes what is to be said from the room's rate of bytes; or why it may not
  /// be said now.
  [[nodiscard]] std::optional<failure> refuse_bytes(std::size_t text,
                                                    const payload_ptr& data);

  void execute(domain::decision decided, const reply_token& token,
               reply result = success{});
  void refuse(const reply_token& token, failure why);
  void refuse_stranger(const reply_token& token);

  /// Answers a query with what is stored, as soon as all of it is.
  template <class Result, class F>
  caf::result<Result> ask(F look);
  template <class Result, class F>
  void deliver(caf::typed_response_promise<Result> promise, F look);
  [[nodiscard]] room_data_ptr describe() const;
  [[nodiscard]] room_data_ptr
  describe(std::optional<std::uint32_t> participants) const;
  [[nodiscard]] actor_snapshot snapshot() const;
  [[nodiscard]] timestamp now();

  // -- coming in (entering.cpp) -----------------------------------------------

  void enter(const client_ref& client, host_request& request,
             const reply_token& token);
  void enter(const client_ref& client, room_message::host_retry& again,
             const reply_token& token);
  void enter(const client_ref& client, join_request& request,
             const reply_token& token);
  void join(const client_ref& client, join_request& request,
            const reply_token& token,
            const std::optional<password_hash>& misfit);
  void enter(const client_ref& client, rejoin_request& request,
             const reply_token& token);
  void refuse_again(const reply_token& token);

  /// Why nobody may try to enter from where `client` is, for now.
  [[nodiscard]] std::optional<failure> refuse_entry(const client_ref& client);

  /// Whether somebody who is not connected may read. All of them share the
  /// tries at the password, as where they come from is not known; a token is
  /// beyond guessing.
  caf::result<reading_right> find_reader(const reading_request& x);
  void find_reader(const reading_request& x,
                   caf::typed_response_promise<reading_right> promise,
                   const std::optional<password_hash>& misfit);
  [[nodiscard]] reading_right find_reading_right(const reading_request& x,
                                                 bool fits);

  /// Refuses an entry, and remembers it if it was a try to guess something.
  void refuse_entrant(const client_ref& client, const reply_token& token,
                      failure why);
  caf::result<bool> resume(const client_ref& client,
                           const room_message::resume_request& x);
  void take_back_place(const client_ref& client,
                       const room_message::resume_request& x,
                       caf::typed_response_promise<bool> promise);
  /// How somebody comes in.
  struct way_in {
    std::optional<page_query> query; ///< messages for the answer
    /// Lists members by pages, of which the first has so many.
    std::optional<std::uint32_t> participants;
  };

  void admit(const client_ref& client, user_id user, room_events events,
             commit work, const way_in& how);
  [[nodiscard]] domain::fresh_place fresh_place(std::string& token);
  [[nodiscard]] bool retell(commit& work, const room_past& past) const;

  // -- the password (entering.cpp) --------------------------------------------

  /// What came of a look at a password.
  struct looked_at {
    bool done = false; ///< else there was no place in the keeper's line
    std::optional<password_hash> misfit; ///< what it does not fit
  };

  /// Whether it is the room's password, if that has one; unset: that has to be
  /// looked at.
  /// @param misfit what it is known not to fit
  [[nodiscard]] std::optional<bool>
  fits(const std::optional<std::string>& password,
       const std::optional<password_hash>& misfit) const;
  void check_password(const std::string& network, const std::string& password,
                      std::function<void(const looked_at&)> then);
  void end_check(const std::function<void(const looked_at&)>& then,
                 const looked_at& result);

  // -- from events to what follows (telling.cpp) ------------------------------

  void apply(const room_event::any& event, commit& work);
  void vacate(user_id user, commit& work, bool expired = false);
  void record(room_events events, commit work,
              std::optional<page_query> query = {});
  [[nodiscard]] bool wants_restore_point();
  void on_appended(room_message::appended& x);
  static void add_page(reply& result, std::optional<message_page> page);
  void release(commit& work);
  void perform(effect::say& x);
  void perform(effect::tell& x);
  void perform(effect::moved& x);
  void perform(effect::one_less& x);
  void perform(effect::shown& x);
  void perform(effect::end& x);
  template <class Effect>
  void perform(Effect& x);
  void take_back_what_waits();
  void take_back(commit& work);
  void take_back(effect::moved& x);
  void take_back(effect::presence_of& x);
  void take_back(effect::farewell& x);
  void take_back(effect::shown& x);
  template <class Effect>
  void take_back(Effect& x);
  [[nodiscard]] bool is_for_nobody(const effect::say& x) const;
  [[nodiscard]] event_id next_event_id(revision rev);

  // -- the state comes and goes (living.cpp) ----------------------------------

  /// Whether there is a state to decide on.
  [[nodiscard]] bool is_awake() const noexcept {
    return phase_ == phase::live || phase_ == phase::over;
  }

  void when_awake(std::function<void()> work);
  void stash_or_run(std::function<void(bool)> work);
  void stash(std::function<void(bool)> work);
  void load();
  void on_loaded(room_message::room_loaded& x);
  void catch_up_on_presence();
  void fall_asleep();

  // -- and so do people (living.cpp) ------------------------------------------

  [[nodiscard]] absentees& absent(user_id user);
  template <class Pick>
  bool expire_first(absentees& away, Pick pick);
  [[nodiscard]] bool make_place(role as);
  void on_session_down(const caf::down_msg& down);
  void on_presence_change(const room_message::presence_change& x);
  void change_presence(user_id user, std::optional<monotonic> lost, commit work,
                       const std::string& network);
  void on_goodbye(session_id session);
  void see_off();
  void note_idle();
  void on_wake_up();
  void expire();
  void schedule_wake();
  void wake_at(monotonic when);

  room_services services_;
  runtime::clock& clock_;
  room_id id_;
  phase phase_;
  domain::room_state state_;
  revision decided_ = 0; ///< of the newest event in `state_`
  /// Called with whether the room is awake now; if not, it cannot be loaded.
  std::vector<std::function<void(bool)>> stash_;
  /// For those who were never there: since the start of the server.
  monotonic started_{};
  /// Since when nobody is online.
  monotonic idle_since_{};
  roster roster_;      ///< as of the last decision
  audience listening_; ///< as of the last release
  absentees absent_;
  absentees absent_observers_;
  ledger<commit> waiting_;
  /// Whose connection was lost or found, and nobody was told.
  std::unordered_set<user_id> untold_;
  /// Who said goodbye, and has a place still: the store could not keep it.
  std::unordered_set<user_id> parting_;
  timestamp latest_{}; ///< time that clients were shown
  std::optional<monotonic> wake_;
  monotonic expire_after_{}; ///< no place ends before, whatever its grace time
  token_bucket bytes_;
  token_bucket changes_;
  token_buckets<std::string> failed_entries_; ///< by network
  domain::known_password password_;
  bool checking_ = false; ///< one password at a time is looked at
  /// Who comes with a password meanwhile: by then it may be known.
  std::deque<std::function<void()>> entrants_;
  /// With connection state recovery: what has been said.
  std::uint32_t life_;
  std::uint64_t said_ = 0;
  /// Events since the last restore point, and how many there may be.
  std::size_t unsaved_ = 0;
  std::size_t unsaved_limit_ = 0;
  /// Of the one who made the room, for the answer to a retry of its `host`;
  /// empty if that has no `client_id`.
  std::string host_token_;
  std::uint64_t messages_ = 0;
  std::uint64_t activities_ = 0;
};

} // namespace observer
