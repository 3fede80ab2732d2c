#pragma once

#include <string>
#include <string_view>

namespace observer {

/// Why a request was refused. The names on the wire are those of PROTOCOL.md,
/// "Ground rules".
enum class errc {
  bad_request,       ///< wrong type, missing or over-long field
  room_not_found,    ///< no such room, or it has closed
  not_in_room,       ///< the socket is not in the room it speaks of
  already_in_room,   ///< the socket is in the room it wants to enter
  name_taken,        ///< somebody in the room bears that name
  room_full = 5,     ///< `capacity` participants are in the room
  room_locked,       ///< the host locked the room
  forbidden,         ///< needs another role, or is muted or banned
  wrong_password,    ///< the room has a password, and this is not it
  bad_token,         ///< `rejoin` with a token that opens no place
  rate_limited = 10, ///< too many in too short a time; try later
  user_not_found,    ///< nobody of that id is in the room
  too_large,         ///< more than the limits of the server allow
  unavailable,       ///< store or room cannot serve now; safe to retry
  unknown_event,     ///< an event name outside the protocol
};

/// The code on the wire, e.g. `room_not_found`.
constexpr std::string_view to_string_view(errc code) {
  switch (code) {
    case errc::bad_request:
      return "bad_request";
    case errc::room_not_found:
      return "room_not_found";
    case errc::not_in_room:
      return "not_in_room";
    case errc::already_in_room:
      return "already_in_room";
    case errc::name_taken:
      return "name_taken";
    case errc::room_full:
      return "room_full";
    case errc::room_locked:
      return "room_locked";
    case errc::forbidden:
      return "forbidden";
    case errc::wrong_password:
      return "wrong_password";
    case errc::bad_token:
      return "bad_token";
    case errc::rate_limited:
      return "rate_limited";
    case errc::user_not_found:
      return "user_not_found";
    case errc::too_large:
      return "too_large";
    case errc::unavailable:
      return "unavailable";
    case errc::unknown_event:
      return "unknown_event";
  }
  return "unavailable";
}

/// A refused request: a code for programs, a sentence for people.
struct failure {
  errc code = errc::unavailable;
  std::string message;

  bool operator==(const failure&) const = default;
};

/// Why a socket that is in as many rooms as it may be enters no other one.
inline failure too_many_rooms() {
  return {errc::too_large, "this socket is in too many rooms"};
}

} // namespace observer
