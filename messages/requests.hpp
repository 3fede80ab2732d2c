#pragma once

#include "messages/model.hpp"
#include "messages/secret.hpp"

#include <optional>
#include <string>
#include <type_traits>
#include <variant>

/// What a client asks for, one type an event of PROTOCOL.md, "Client →
/// server". Shapes and lengths have been checked when one of these exists;
/// whether it may happen is decided by the room.
namespace observer {

/// `host`: make a room, with the caller as its host.
struct host_request {
  std::string name;
  std::optional<std::string> room; ///< default: "<name>'s room"
  std::optional<std::string> password;
  std::optional<password_hash> hash; ///< of `password`, once the session has it
  std::optional<std::uint32_t> capacity;
  std::optional<std::string> client_id; ///< names the request for a retry
  /// Lists members by pages, of which the first has so many.
  std::optional<std::uint32_t> participants;
};

/// `join`: enter a room.
struct join_request {
  room_id room{};
  std::string name;
  std::optional<std::string> password;
  observer::role role = role::participant;   ///< never `host`
  std::optional<std::uint32_t> history;      ///< last n messages, 0 to 100
  std::optional<std::uint32_t> participants; ///< as in `host_request`
};

/// `rejoin`: take an old place in a room again.
struct rejoin_request {
  room_id room{};
  std::string token;
  std::optional<sequence> after;             ///< send what came since
  std::optional<std::uint32_t> participants; ///< as in `host_request`
};

/// `leave`: give the place up.
struct leave_request {
  std::optional<room_id> room;
};

/// `message`: say something to everyone, or to one.
struct message_request {
  std::optional<room_id> room;
  std::string text;
  payload_ptr data;
  std::optional<user_id> to;
  std::optional<std::string> client_id; ///< names the message for a retry
};

/// `activity`: a passing sign such as `typing`; not stored.
struct activity_request {
  std::optional<room_id> room;
  std::string kind;
  payload_ptr data;
};

/// `history`: read stored messages.
struct history_request {
  std::optional<room_id> room;
  std::optional<sequence> after;
  std::optional<sequence> before;
  std::uint32_t limit = 100;
};

/// `members`: read who is in the room, in order of ids.
struct members_request {
  std::optional<room_id> room;
  std::optional<user_id> after;
  std::uint32_t limit = 1000;
};

/// `kick`: the host shows somebody the door.
struct kick_request {
  std::optional<room_id> room;
  user_id user{};
  std::string reason;
  bool ban = false;
};

/// `mute`: the host takes or gives the word.
struct mute_request {
  std::optional<room_id> room;
  user_id user{};
  bool muted = false;
};

/// `room`: the host changes the room; what is not set stays.
struct configure_request {
  std::optional<room_id> room;
  std::optional<std::string> name;
  std::optional<bool> locked;
  std::optional<std::string> password; ///< empty: the room needs none
  std::optional<password_hash> hash;   ///< as in `host_request`
  std::optional<std::uint32_t> capacity;
  std::optional<user_id> host; ///< hands the room over
};

/// `close`: the host ends the room.
struct close_request {
  std::optional<room_id> room;
};

/// What somebody asks who wants into a room that is there.
using entry_request = std::variant<join_request, rejoin_request>;

/// What members ask of their room. Handlers are looked for in this order, so
/// the most frequent stand first.
using member_request
  = std::variant<message_request, activity_request, leave_request,
                 history_request, members_request, kick_request, mute_request,
                 configure_request, close_request>;

namespace detail {

template <class... Variant>
struct any_of;

template <class... A, class... B, class... C>
struct any_of<std::variant<A...>, std::variant<B...>, std::variant<C...>> {
  using type = std::variant<A..., B..., C...>;
};

template <class T, class Variant>
inline constexpr bool is_one_of = false;

template <class T, class... Request>
inline constexpr bool
  is_one_of<T, std::variant<Request...>> = (std::is_same_v<T, Request> || ...);

} // namespace detail

/// Everything that a client asks: the one list from which the interfaces of
/// actors, their handlers and the table of events are made.
using client_request = detail::any_of<member_request, entry_request,
                                      std::variant<host_request>>::type;

/// Whether `T` is one of the requests of a list, e.g. `member_request`.
template <class T, class Requests>
concept request_in = detail::is_one_of<T, Requests>;

/// Calls `f` with a `std::type_identity` of each request of a list.
template <class Requests, class F>
decltype(auto) for_requests(F f) {
  return
    [&]<class... T>(std::type_identity<std::variant<T...>>) -> decltype(auto) {
      return f(std::type_identity<T>{}...);
    }(std::type_identity<Requests>{});
}

/// Somebody who is not connected wants to read a room's messages (REST).
struct reading_request {
  room_id room{};
  std::optional<std::string> password;
  std::optional<std::string> token; ///< of a member
};

enum class reading_right {
  granted,
  refused,
  no_room,  ///< there is none to read of
  held_off, ///< too many wrong passwords: this one was not looked at
};

} // namespace observer
