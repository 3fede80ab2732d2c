#include "net/sio/client.hpp"

#include "net/engineio/random_id.hpp"
#include "net/http/target.hpp"

#include <spdlog/spdlog.h>

#include <charconv>
#include <utility>

namespace observer::sio {

namespace {

engineio::time_point now() {
  return std::chrono::steady_clock::now();
}

socketio::protocol version_of(const transport::connection& below) {
  return below.version() == engineio::protocol::v3 ? socketio::protocol::v4
                                                   : socketio::protocol::v5;
}

handshake read_handshake(const transport::connection& below,
                         const http::request& request) {
  handshake result;
  result.address = below.address();
  result.target = request.target();
  result.headers = request;
  result.issued = std::chrono::system_clock::now();
  result.query = http::parse_query(http::split_target(result.target).query);
  return result;
}

disconnect_reason reason_of(engineio::close_reason reason) {
  switch (reason) {
    case engineio::close_reason::ping_timeout:
      return disconnect_reason::ping_timeout;
    case engineio::close_reason::parse_error:
    case engineio::close_reason::overfull_post:
    case engineio::close_reason::oversized:
      return disconnect_reason::parse_error;
    case engineio::close_reason::server_close:
      return disconnect_reason::server_disconnect;
    case engineio::close_reason::going_away:
      return disconnect_reason::shutting_down;
    case engineio::close_reason::slow_reader:
    case engineio::close_reason::flooding:
      return disconnect_reason::overload;
    default:
      return disconnect_reason::transport_close;
  }
}

/// Whether a client that was lost for this reason may be back.
bool may_come_back(disconnect_reason reason) {
  return reason == disconnect_reason::transport_close
         || reason == disconnect_reason::ping_timeout
         || reason == disconnect_reason::overload;
}

} // namespace

client::client(server& parent, transport::connection& below,
               const http::request& request)
  : server_(parent),
    connection_(below),
    session_(parent.options_.protocol, version_of(below), *this, now()),
    handshake_(read_handshake(below, request)) {
}

/// Without `on_closed` before it only where the loop goes, and all with it.
client::~client() {
  connection_.timers().cancel(timer_);
  for (auto& [name, left] : sockets_)
    left->detach();
}

// -- implementation of connection_handler -------------------------------------

void client::on_open() {
  session_.on_open();
  if (auto due = session_.deadline())
    connection_.timers().set(timer_, *due, [this] { session_.on_time(now()); });
}

void client::on_message(std::string_view data, bool binary) {
  auto self = shared_from_this();
  if (binary)
    session_.on_binary(data);
  else
    session_.on_text(data);
}

void client::on_closed(engineio::close_reason why) {
  connection_.timers().cancel(timer_);
  auto reason = reason_of(why);
  for (auto& [name, gone] : std::exchange(sockets_, {})) {
    gone->detach();
    if (gone->missed_ && may_come_back(reason))
      server_.keep(gone, reason);
    else
      gone->nsp_.remove(*gone, reason);
  }
}

// -- implementation of session_effects ----------------------------------------

void client::send(const engineio::outgoing_ptr& packet) {
  connection_.send(packet);
}

void client::fail(boost::system::error_code why) {
  spdlog::debug("sio.protocol_error address={} what={:?}",
                connection_.address(), why.message());
  connection_.close(engineio::close_reason::parse_error);
}

void client::connecting(std::string_view name, boost::json::object auth) {
  auto* where = server_.find(name);
  if (where == nullptr)
    return session_.refuse(name, "Invalid namespace");
  auto said = handshake_;
  said.nsp = name;
  said.auth = std::move(auth);
  if (where->check_)
    if (auto refused = where->check_(said))
      return session_.refuse(name, refused->message, refused->data);
  connection_.timers().cancel(timer_);
  connection_.entered();
  if (recover(*where, said))
    return;
  auto recovery_id = server_.options_.recovery ? engineio::random_id() : "";
  auto entered = std::make_shared<socket>(
    *where, std::move(said), engineio::random_id(), std::move(recovery_id));
  where->add(entered);
  if (server_.options_.recovery)
    server_.secrets_.emplace(entered->recovery_id_, entered);
  welcome(*where, entered);
}

/// Gives the client the socket that it lost, if it is still there.
bool client::recover(nsp& where, const handshake& said) {
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
  if (!found || &found->nsp_ != &where || found->handshake_.nsp != said.nsp)
    return false;
  auto missed = found->missed_->after(last_heard);
  if (!missed)
    return false;
  if (found->client_ != nullptr) // its end was not noticed yet
    found->client_->give_up(*found);
  server_.unkeep(*found);
  found->recovered_ = true;
  found->handshake_ = said;
  auto id = found->id();
  session_.accept(said.nsp, id, found->recovery_id_);
  sockets_.emplace(said.nsp, found);
  found->client_ = this;
  for (auto& event : *missed)
    connection_.send(event.packets);
  if (where.on_connection_)
    where.on_connection_(*found);
  return true;
}

void client::welcome(nsp& where, const socket_ptr& whom) {
  session_.accept(whom->handshake().nsp, whom->id(), whom->recovery_id_);
  sockets_.emplace(whom->handshake().nsp, whom);
  whom->client_ = this;
  if (where.on_connection_)
    where.on_connection_(*whom);
}

void client::received(const socketio::incoming_event& event) {
  auto i = sockets_.find(event.nsp);
  if (i == sockets_.end())
    return;
  auto from = i->second;
  std::string name{event.name};
  message what;
  what.arguments = std::move(event.arguments);
  what.arguments.erase(what.arguments.begin());
  what.attachments = std::move(event.attachments);
  from->nsp_.dispatch(*from, name, what,
                      event.ack ? ack{from, *event.ack} : ack{});
}

void client::acknowledged(std::string_view nsp, std::uint64_t id,
                          boost::json::array& arguments,
                          std::vector<std::string>& attachments) {
  auto i = sockets_.find(nsp);
  if (i == sockets_.end())
    return;
  message what;
  what.arguments = std::move(arguments);
  what.attachments = std::move(attachments);
  auto from = i->second;
  from->answered(id, std::move(what));
}

void client::disconnected(std::string_view name) {
  auto i = sockets_.find(name);
  if (i == sockets_.end())
    return;
  auto gone = i->second;
  sockets_.erase(i);
  gone->detach();
  gone->nsp_.remove(*gone, disconnect_reason::client_disconnect);
}

// -- for the sockets ----------------------------------------------------------

void client::show_out(socket& whom) {
  auto gone = whom.shared_from_this();
  session_.disconnect(whom.handshake().nsp);
  sockets_.erase(whom.handshake().nsp);
  gone->detach();
  gone->nsp_.remove(*gone, disconnect_reason::server_disconnect);
}

void client::give_up(socket& whom) {
  sockets_.erase(whom.handshake().nsp);
  whom.detach();
  connection_.close(engineio::close_reason::server_close);
}

} // namespace observer::sio
