#pragma once

#include "net/engineio/session.hpp"
#include "net/socketio/session.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>

namespace observer::sio {

class peer;

/// What is behind a socket, i.e. behind one client in one namespace. Its peer
/// keeps it until `gone`, and calls it on its loop only.
class socket_handler {
public:
  virtual ~socket_handler() = default;

  /// An event that `received_plain` did not take.
  virtual void received(const socketio::incoming_event& event) = 0;

  /// Whether `received_plain` is to be asked first, in the default namespace.
  /// Who wants all events in one form need not pay for two.
  [[nodiscard]] virtual bool takes_plain_events() const {
    return false;
  }

  /// An event in the form that costs least. Must not leave the namespace from
  /// within. False: it is wanted as an `incoming_event`.
  virtual bool received_plain(const socketio::plain_event&) {
    return false;
  }

  /// What the client answered to an event that carried `id`. Whoever asks
  /// nothing need not listen.
  virtual void acknowledged(std::uint64_t, boost::json::array&,
                            std::vector<std::string>&) {
  }

  /// The connection is gone, and with it the peer, which may not be used. All
  /// that are behind its sockets know before anybody hears of it: `gone`
  /// follows.
  virtual void detach() = 0;

  /// The last call.
  /// @param lost why the connection ended; nothing: the client has left the
  ///        namespace
  virtual void gone(std::optional<engineio::close_reason> lost) = 0;
};

/// Who serves a namespace: decides who enters, and puts a `socket_handler`
/// behind each who does. Outlives its peers.
class namespace_handler {
public:
  virtual ~namespace_handler() = default;

  /// A client wants to enter. Answered, now or later, with `peer::enter`, or
  /// with `peer::refuse`.
  /// @param nsp the name asked for, valid during the call
  virtual void
  connecting(peer& from, std::string_view nsp, boost::json::object auth)
    = 0;
};

} // namespace observer::sio
