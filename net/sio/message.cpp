#include "net/sio/message.hpp"

#include "net/socketio/packet.hpp"

#include <utility>

namespace observer::sio {

namespace json = boost::json;

message::message(std::initializer_list<json::value_ref> list)
  : arguments(list) {
}

json::value message::attach(std::string bytes) {
  attachments.push_back(std::move(bytes));
  return json::object{{"_placeholder", true}, {"num", attachments.size() - 1}};
}

const json::value& message::at(std::size_t index) const {
  static const json::value nothing;
  return index < arguments.size() ? arguments[index] : nothing;
}

const std::string* message::bytes_of(const json::value& value) const {
  return socketio::find_attachment(value, attachments);
}

} // namespace observer::sio
