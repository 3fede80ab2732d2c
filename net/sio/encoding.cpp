#include "net/sio/encoding.hpp"

#include "net/socketio/encoding.hpp"

namespace observer::sio {

engineio::outgoing_ptr encode_event(socketio::parser how, std::string_view nsp,
                                    std::string_view event, const message& what,
                                    std::optional<std::uint64_t> ack,
                                    std::uint64_t offset) {
  socketio::packet_writer out{how, socketio::packet_type::event, nsp, ack,
                              what.attachments};
  out.add_text(event);
  for (auto& argument : what.arguments)
    out.add(argument);
  if (offset > 0)
    out.add_text(std::to_string(offset));
  return out.finish();
}

engineio::outgoing_ptr encode_ack(socketio::parser how, std::string_view nsp,
                                  std::uint64_t id, const message& what) {
  socketio::packet_writer out{how, socketio::packet_type::ack, nsp, id,
                              what.attachments};
  for (auto& argument : what.arguments)
    out.add(argument);
  return out.finish();
}

} // namespace observer::sio
