#pragma once

#include "net/engineio/outgoing.hpp"
#include "net/sio/message.hpp"
#include "net/socketio/packet.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace observer::sio {

/// An EVENT packet.
/// @param ack id of the answer that is wanted
/// @param offset goes behind the arguments, for connection state recovery;
///        0: none
[[nodiscard]] engineio::outgoing_ptr
encode_event(socketio::parser how, std::string_view nsp, std::string_view event,
             const message& what, std::optional<std::uint64_t> ack = {},
             std::uint64_t offset = 0);

/// An ACK packet.
[[nodiscard]] engineio::outgoing_ptr
encode_ack(socketio::parser how, std::string_view nsp, std::uint64_t id,
           const message& what);

} // namespace observer::sio
