#pragma once

#include "messages/client_port.hpp"
#include "net/engineio/outgoing.hpp"
#include "net/socketio/packet.hpp"

#include <mutex>

namespace observer::gateway {

/// A client event as Engine.IO packets, for each parser that a receiver has.
/// Thread-safe.
class wire_event final : public encoded_event {
public:
  /// What the packets were made of.
  struct content {
    std::string_view name; ///< static
    std::string payload;   ///< JSON
    std::vector<std::string> attachments;
  };

  /// @param update see `encoded_event`
  /// @param json the event as JSON packets
  /// @param source kept for copies with other offsets; of a copy, or of an
  ///        event without an id, nothing
  wire_event(const event_id& id, std::size_t bytes, bool update,
             engineio::outgoing_ptr json, content source = {})
    : encoded_event(id, bytes, update),
      json_(std::move(json)),
      source_(std::move(source)) {
  }

  /// The event for a client with the parser `how`. Made when first asked for,
  /// except in JSON, which most clients want.
  [[nodiscard]] const engineio::outgoing_ptr&
  packets(socketio::parser how = socketio::parser::json) const {
    return how == socketio::parser::json ? json_ : msgpack();
  }

  [[nodiscard]] const content& source() const noexcept {
    return source_;
  }

private:
  [[nodiscard]] const engineio::outgoing_ptr& msgpack() const;

  engineio::outgoing_ptr json_;
  content source_;
  mutable std::once_flag packed_;
  mutable engineio::outgoing_ptr msgpack_; ///< null until it was asked for
};

/// Encodes what clients hear as Socket.IO packets of the default namespace.
/// Thread-safe.
class wire_encoder final : public event_encoder {
public:
  /// An id travels as one argument more, as Socket.IO clients want it.
  [[nodiscard]] frame encode(const client_event::any& event,
                             const event_id& id) const override;

  [[nodiscard]] frame
  with_positions(const frame& event,
                 const std::vector<room_position>& others) const override;
};

/// An ACK with the outcome of a request.
[[nodiscard]] engineio::outgoing_ptr
encode_ack(socketio::parser how, std::uint64_t id, const reply& result);

/// The event `error`, for a request without an ack.
[[nodiscard]] engineio::outgoing_ptr
encode_error(socketio::parser how, std::string_view event, const failure& what);

/// The offset that a client sends back to say what it heard last:
///
/// ~~~
///   <room>.<rev>.<life, hexadecimal>.<number>[,<room>.<rev>]*
/// ~~~
///
/// the event, and how far other rooms had been heard by then.
[[nodiscard]] std::string to_offset(const heard_so_far& heard);

/// @returns nothing if `offset` is none of ours
[[nodiscard]] std::optional<heard_so_far> parse_offset(std::string_view offset);

} // namespace observer::gateway
