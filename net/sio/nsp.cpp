#include "net/sio/nsp.hpp"

#include "net/sio/encoding.hpp"
#include "net/sio/server.hpp"

#include <utility>

namespace observer::sio {

nsp::nsp(server& parent) : server_(parent) {
}

nsp& nsp::on_connect(connect_check check) {
  check_ = std::move(check);
  return *this;
}

nsp& nsp::on_connection(connection_handler handler) {
  on_connection_ = std::move(handler);
  return *this;
}

nsp& nsp::on_disconnect(disconnect_handler handler) {
  on_disconnect_ = std::move(handler);
  return *this;
}

nsp& nsp::on(std::string name, event_handler handler) {
  handlers_.insert_or_assign(std::move(name), std::move(handler));
  return *this;
}

void nsp::emit(std::string_view event, const message& what) {
  // Namespaces of one pattern have names of their own, and so do the packets.
  std::map<std::string_view, replay_buffer::entry> encoded;
  for (auto& [id, receiver] : sockets_) {
    std::string_view name = receiver->handshake().nsp;
    auto i = encoded.find(name);
    if (i == encoded.end())
      i = encoded.emplace(name, encode(name, event, what)).first;
    receiver->deliver(i->second);
  }
}

void nsp::add(const socket_ptr& entered) {
  sockets_.emplace(entered->id(), entered);
}

void nsp::remove(socket& gone, disconnect_reason reason) {
  auto self = gone.shared_from_this();
  server_.forget(gone);
  if (sockets_.erase(gone.id()) > 0 && on_disconnect_)
    on_disconnect_(gone, reason);
}

void nsp::dispatch(socket& from, std::string_view event, message& what,
                   ack answer) {
  auto i = handlers_.find(event);
  if (i != handlers_.end())
    i->second(from, what, std::move(answer));
}

replay_buffer::entry nsp::encode(std::string_view name, std::string_view event,
                                 const message& what) {
  auto id = server_.options_.recovery ? ++server_.last_event_ : 0;
  return {id, encode_event(server_.parser(), name, event, what, {}, id)};
}

} // namespace observer::sio
