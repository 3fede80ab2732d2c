#pragma once

#include "messages/client_port.hpp"
#include "net/engineio/outgoing.hpp"
#include "net/socketio/packet.hpp"

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

/// Encodes what clients hear as Socket.IO packets of the default namespace, in
/// the way of one parser. Thread-safe.
class wire_encoder final : public event_encoder {
public:
  explicit wire_encoder(socketio::parser how) : parser_(how) {
  }

  /// An id travels as one argument more, as Socket.IO clients want it.
  [[nodiscard]] frame encode(const client_event::any& event,
                             const event_id& id) const override;

  /// An ACK with the outcome of a request.
  [[nodiscard]] engineio::outgoing_ptr encode_ack(std::uint64_t id,
                                                  const reply& result) const;

  /// The event `error`, for a request without an ack.
  [[nodiscard]] engineio::outgoing_ptr encode_error(std::string_view event,
                                                    const failure& what) const;

private:
  socketio::parser parser_;
};

/// The offset that a client sends back to say what it heard last.
[[nodiscard]] std::string to_offset(const event_id& id);

/// @returns an id that is not set if `offset` is none of ours
[[nodiscard]] event_id parse_offset(std::string_view offset);

} // namespace observer::gateway
