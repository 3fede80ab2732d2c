#pragma once

#include "messages/client_port.hpp"
#include "net/engineio/outgoing.hpp"

namespace observer::gateway {

/// A client event as Engine.IO packets.
class wire_event final : public encoded_event {
public:
  explicit wire_event(engineio::outgoing_ptr packets)
    : packets_(std::move(packets)) {
  }

  [[nodiscard]] const engineio::outgoing_ptr& packets() const noexcept {
    return packets_;
  }

private:
  engineio::outgoing_ptr packets_;
};

/// Encodes client events as Socket.IO events of the default namespace.
class wire_encoder final : public event_encoder {
public:
  [[nodiscard]] frame encode(const client_event::any& event) const override;
};

/// An ACK with the outcome of a request.
[[nodiscard]] engineio::outgoing_ptr encode_ack(std::uint64_t id,
                                                const reply& result);

/// The event `error`, for a request without an ack.
[[nodiscard]] engineio::outgoing_ptr encode_error(std::string_view event,
                                                  const failure& what);

} // namespace observer::gateway
