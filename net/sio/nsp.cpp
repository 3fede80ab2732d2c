#include "net/sio/nsp.hpp"

#include "net/engineio/random_id.hpp"
#include "net/sio/encoding.hpp"
#include "net/sio/peer.hpp"
#include "net/sio/server.hpp"

#include <charconv>
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
  std::map<std::pair<socketio::parser, std::string_view>, replay_buffer::entry>
    encoded;
  auto event_id = next_event_id();
  for (auto& [id, receiver] : sockets_) {
    std::pair kind{receiver->parser_,
                   std::string_view{receiver->handshake().nsp}};
    auto i = encoded.find(kind);
    if (i == encoded.end())
      i = encoded
            .emplace(kind,
                     encode(kind.first, kind.second, event, what, event_id))
            .first;
    receiver->deliver(i->second);
  }
}

// -- entering -----------------------------------------------------------------

void nsp::connecting(peer& from, std::string_view name,
                     boost::json::object auth) {
  handshake said{from.request(), std::string{name}, from.connection().address(),
                 std::move(auth)};
  if (check_)
    if (auto refused = check_(said))
      return from.refuse(name, refused->message, refused->data);
  if (recover(from, said))
    return;
  auto recovery_id = server_.options_.recovery ? engineio::random_id() : "";
  auto entered = std::make_shared<socket>(*this, std::move(said), from.parser(),
                                          engineio::random_id(),
                                          std::move(recovery_id));
  add(entered);
  from.enter(name, entered);
  entered->attach(from);
  from.accept(name, entered->id(), entered->recovery_id_);
  if (on_connection_)
    on_connection_(*entered);
}

/// Gives the client the socket that it lost, if it is still there.
bool nsp::recover(peer& from, handshake& said) {
  const auto* pid = said.auth.if_contains("pid");
  const auto* offset = said.auth.if_contains("offset");
  if (pid == nullptr || !pid->is_string())
    return false;
  std::uint64_t last_heard = 0;
  if (offset != nullptr && offset->is_string()) {
    std::string_view text = offset->get_string();
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(),
                                        last_heard);
    if (error != std::errc{} || end != text.data() + text.size())
      return false;
  }
  auto found = server_.find_secret(pid->get_string());
  if (!found || &found->nsp_ != this || found->handshake_.nsp != said.nsp
      || found->parser_ != from.parser())
    return false;
  auto missed = found->missed_->after(last_heard);
  if (!missed)
    return false;
  if (auto* first = std::exchange(found->peer_, nullptr)) {
    first->release(said.nsp); // its end was not noticed yet
    first->connection().close(engineio::close_reason::server_close);
  }
  server_.unkeep(*found);
  found->recovered_ = true;
  found->handshake_ = std::move(said);
  auto& name = found->handshake_.nsp;
  from.enter(name, found);
  found->attach(from);
  from.accept(name, found->id(), found->recovery_id_);
  for (auto& event : *missed)
    from.connection().send(event.packets);
  found->forget_questions(); // those to the first connection
  if (on_connection_)
    on_connection_(*found);
  return true;
}

void nsp::add(const socket_ptr& entered) {
  if (server_.options_.recovery)
    server_.secrets_.emplace(entered->recovery_id_, entered);

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

replay_buffer::entry nsp::encode(socketio::parser how, std::string_view name,
                                 std::string_view event, const message& what,
                                 std::uint64_t id) const {
  return {id, encode_event(how, name, event, what, {}, id)};
}

std::uint64_t nsp::next_event_id() {
  return server_.options_.recovery ? ++server_.last_event_ : 0;
}

} // namespace observer::sio
