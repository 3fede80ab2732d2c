#pragma once

#include "actors/runtime/inspectable.hpp"
#include "messages/handles.hpp"
#include "messages/limit_counts.hpp"
#include "messages/limits/token_bucket.hpp"
#include "messages/password_keeper.hpp"
#include "messages/room.hpp"
#include "messages/session.hpp"
#include "messages/settings.hpp"

#include <list>
#include <map>
#include <utility>

namespace observer {

/// What the store is to know a session by; null without recovery.
[[nodiscard]] std::shared_ptr<const session_key>
make_session_key(const settings& limits, const client_port& port);

/// What a session needs besides its client.
struct session_services {
  const settings& limits;
  const event_encoder& encoder;
  registry_actor registry;
  hub_actor hub; ///< of the session's own loop
  event_store_actor store;
  password_service passwords;
  limit_counts& met;
};

/// One client: resolves which room it speaks of, keeps its rates, and hands
/// its requests on in the order in which they came.
///
/// ~~~
///            host, join, rejoin, leave; a password to be hashed
///      ready ─────────────────────────▶ busy
///        ▲                               │  everything that comes meanwhile
///        └───────────────────────────────┘  waits in `stash_`
///                     settled
/// ~~~
///
/// With connection state recovery it outlives its connection: it waits for
/// another one of the same client, while its rooms show the member offline; and
/// the store knows it, so that a `reviver` can make it again after a restart.
class session final : public runtime::inspectable<session_actor> {
public:
  static constexpr const char* kind = "session";

  session(caf::actor_config& config, const runtime::placement& where,
          const session_services& services, session_id id, client_port_ptr port,
          std::shared_ptr<const session_key> key);

  behavior_type make_behavior() override;
  void on_exit() override;

private:
  struct place {
    room_actor actor;
    user_id user{};
  };

  /// A handler that hands a request of type `T` to `submit`.
  template <class T>
  auto accepts();

  template <class T>
  void submit(const request_tag& tag, T& request);
  template <class T>
  void dispatch(const request_tag& tag, T& request);
  template <class T>
  void hash_first(const request_tag& tag, T& request);
  template <class T>
  void hand_on(const request_tag& tag, T& request);
  void refuse(const reply_token& token, errc code, std::string message);
  void refuse(const reply_token& token, failure why);
  template <class T>
  [[nodiscard]] bool within_rate();
  [[nodiscard]] reply_token make_token(const request_tag& tag, bool wait);
  [[nodiscard]] client_ref self_ref();

  void enter(const request_tag& tag, host_request& request);
  template <request_in<entry_request> T>
  void enter(const request_tag& tag, T& request);
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool may_enter(const reply_token& token,
                               std::optional<room_id> room);
  template <request_in<member_request> T>
  void forward(const request_tag& tag, T& request);

  void on_settled();
  void take_stashed();
  void on_left_room(const session_message::left_room& x);
  void on_client_gone(const session_message::client_gone& x);
  void on_client_back(session_message::client_back& x);
  void on_wake_up();
  void tell_presence(bool online);
  void forget();
  void end();
  void on_down(const caf::down_msg& down);
  void leave_all_and_quit();

  session_services services_;
  runtime::clock& clock_;
  session_id id_;
  client_port_ptr port_;
  std::uint32_t epoch_ = 0;                ///< of the last connection
  std::shared_ptr<const session_key> key_; ///< null without recovery
  timestamp connected_at_;
  std::map<room_id, place> rooms_;
  /// A list, because it is nearly always empty, and costs nothing then.
  std::list<std::pair<request_tag, client_request>> stash_;
  bool busy_ = false;
  bool leaving_ = false;
  /// With recovery: when to stop waiting for another connection.
  std::optional<monotonic> wait_until_;
  token_bucket bucket_;
  std::uint64_t requests_ = 0;
  std::uint64_t refused_ = 0;
};

} // namespace observer
