#pragma once

#include "messages/client_port.hpp"
#include "net/engineio/outgoing.hpp"

namespace observer::gateway {

/// A client event as Engine.IO packets.
class wire_event final : public encoded_event {
public:
  wire_event(const event_id& id, std::size_t bytes,
             engineio::outgoing_ptr packets)
    : encoded_event(id, bytes),
      packets_(std::move(packets)) {
  }

  [[nodiscard]] const engineio::outgoing_ptr& packets() const noexcept {
    return packets_;
  }

private:
  engineio::outgoing_ptr packets_;
};

/// Encodes client events as Socket.IO events of the default namespace. An id
/// travels as one argument more, as Socket.IO clients want it.
class wire_encoder final : public event_encoder {
public:
  [[nodiscard]] frame encode(const client_event::any& event,
                             const event_id& id) const override;

  [[nodiscard]] frame
  with_positions(const frame& event,
                 const std::vector<room_position>& others) const override;
};

/// The offset that a client sends back to say what it heard last:
///
/// ~~~
///   <room>.<rev>.<life, hexadecimal>.<number>[,<room>.<rev>]*
/// ~~~
///
/// the event, and how far other rooms had been heard by then.
[[nodiscard]] std::string to_offset(const heard_so_far& heard);

/// @returns nothing heard if `offset` is none of ours
[[nodiscard]] heard_so_far parse_offset(std::string_view offset);

/// An ACK with the outcome of a request.
[[nodiscard]] engineio::outgoing_ptr encode_ack(std::uint64_t id,
                                                const reply& result);

/// The event `error`, for a request without an ack.
[[nodiscard]] engineio::outgoing_ptr encode_error(std::string_view event,
                                                  const failure& what);

} // namespace observer::gateway
