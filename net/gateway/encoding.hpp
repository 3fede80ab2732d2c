#pragma once

#include "messages/client_port.hpp"
#include "net/engineio/outgoing.hpp"
#include "net/socketio/packet.hpp"

namespace observer::gateway {

/// A client event as Engine.IO packets.
class wire_event final : public encoded_event {
public:
  /// What the packets were made of.
  struct content {
    std::string_view name; ///< static
    std::string payload;   ///< JSON
    std::vector<std::string> attachments;
  };

  /// @param source kept for copies with other offsets; of a copy, or of an
  ///        event without an id, nothing
  wire_event(const event_id& id, std::size_t bytes,
             engineio::outgoing_ptr packets, content source = {})
    : encoded_event(id, bytes),
      packets_(std::move(packets)),
      source_(std::move(source)) {
  }

  [[nodiscard]] const engineio::outgoing_ptr& packets() const noexcept {
    return packets_;
  }

  [[nodiscard]] const content& source() const noexcept {
    return source_;
  }

private:
  engineio::outgoing_ptr packets_;
  content source_;
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

  [[nodiscard]] frame
  with_positions(const frame& event,
                 const std::vector<room_position>& others) const override;

  /// An ACK with the outcome of a request.
  [[nodiscard]] engineio::outgoing_ptr encode_ack(std::uint64_t id,
                                                  const reply& result) const;

  /// The event `error`, for a request without an ack.
  [[nodiscard]] engineio::outgoing_ptr encode_error(std::string_view event,
                                                    const failure& what) const;

private:
  [[nodiscard]] engineio::outgoing_ptr pack(const wire_event::content& what,
                                            std::string_view offset) const;

  socketio::parser parser_;
};

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
