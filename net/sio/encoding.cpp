#include "net/sio/encoding.hpp"

#include "net/socketio/json.hpp"
#include "net/socketio/packet.hpp"

namespace observer::sio {

engineio::outgoing_ptr
encode_event(std::string_view nsp, std::string_view event, const message& what,
             std::optional<std::uint64_t> ack, std::uint64_t offset) {
  std::string out;
  socketio::append_head(out, socketio::packet_type::event, nsp,
                        what.attachments.size(), ack);
  out.push_back('[');
  socketio::append_json_string(out, event);
  for (auto& argument : what.arguments) {
    out.push_back(',');
    socketio::append_json(out, argument);
  }
  if (offset > 0)
    out += ",\"" + std::to_string(offset) + '"';
  out.push_back(']');
  return engineio::outgoing::make_message(out, what.attachments);
}

engineio::outgoing_ptr encode_ack(std::string_view nsp, std::uint64_t id,
                                  const message& what) {
  std::string out;
  socketio::append_head(out, socketio::packet_type::ack, nsp,
                        what.attachments.size(), id);
  socketio::append_json(out, what.arguments);
  return engineio::outgoing::make_message(out, what.attachments);
}

} // namespace observer::sio
