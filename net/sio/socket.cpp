#include "net/sio/socket.hpp"

#include "net/sio/encoding.hpp"
#include "net/sio/peer.hpp"
#include "net/sio/server.hpp"

#include <algorithm>
#include <utility>

namespace observer::sio {

namespace {

std::optional<replay_buffer> make_buffer(const server_options& options) {
  if (!options.recovery)
    return std::nullopt;
  return replay_buffer{options.recovery->bytes,
                       options.recovery->window + options.recovery->margin};
}

disconnect_reason reason_of(engineio::close_reason reason) {
  switch (reason) {
    case engineio::close_reason::ping_timeout:
      return disconnect_reason::ping_timeout;
    case engineio::close_reason::parse_error:
    case engineio::close_reason::overfull_post:
    case engineio::close_reason::oversized:
    case engineio::close_reason::unfinished:
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

std::string_view to_string_view(disconnect_reason reason) {
  switch (reason) {
    case disconnect_reason::client_disconnect:
      return "client namespace disconnect";
    case disconnect_reason::server_disconnect:
      return "server namespace disconnect";
    case disconnect_reason::transport_close:
      return "transport close";
    case disconnect_reason::ping_timeout:
      return "ping timeout";
    case disconnect_reason::parse_error:
      return "parse error";
    case disconnect_reason::shutting_down:
      return "server shutting down";
    case disconnect_reason::overload:
      return "transport error";
  }
  return "transport close";
}

// -- socket -------------------------------------------------------------------

socket::socket(nsp& where, sio::handshake said, socketio::parser how,
               std::string id, std::string recovery_id)
  : nsp_(where),
    handshake_(std::move(said)),
    parser_(how),
    id_(std::move(id)),
    recovery_id_(std::move(recovery_id)),
    missed_(make_buffer(where.server_.options_)) {
}

socket::~socket() {
  auto& timers = nsp_.server_.timers_;
  timers.cancel(expiry_);
  for (auto& [id, waiting] : acks_)
    timers.cancel(waiting.timer);
}

void socket::emit(std::string_view event, const message& what) {
  deliver(
    nsp_.encode(parser_, handshake_.nsp, event, what, nsp_.next_event_id()));
}

void socket::emit(std::string_view event, const message& what,
                  std::chrono::milliseconds timeout, ack_handler on_answer) {
  if (peer_ == nullptr)
    return on_answer(std::nullopt);
  auto id = next_ack_++;
  auto& waiting = acks_[id];
  waiting.on_answer = std::move(on_answer);
  nsp_.server_.timers_.set(waiting.timer,
                           std::chrono::steady_clock::now() + timeout,
                           [this, id] { answered(id, std::nullopt); });
  peer_->connection().send(
    encode_event(parser_, handshake_.nsp, event, what, id));
}

void socket::emit_volatile(std::string_view event, const message& what) {
  if (peer_ == nullptr)
    return;
  auto& connection = peer_->connection();
  if (connection.queued_bytes() <= nsp_.server_.options_.volatile_above)
    connection.send(encode_event(parser_, handshake_.nsp, event, what));
}

void socket::disconnect() {
  if (peer_ == nullptr)
    return;
  auto self = peer_->show_out(handshake_.nsp);
  detach();
  forget_questions();
  nsp_.remove(*this, disconnect_reason::server_disconnect);
}

void socket::close() {
  if (peer_ != nullptr)
    peer_->connection().close(engineio::close_reason::server_close);
}

void socket::deliver(const replay_buffer::entry& event) {
  if (missed_)
    missed_->add(event, std::chrono::steady_clock::now());
  if (peer_ != nullptr)
    peer_->connection().send(event.packets);
}

void socket::answer(std::uint64_t id, const message& what) {
  if (peer_ != nullptr)
    peer_->connection().send(encode_ack(parser_, handshake_.nsp, id, what));
}

// -- implementation of socket_handler -----------------------------------------

void socket::received(const socketio::incoming_event& event) {
  std::string name{event.name};
  message what;
  what.arguments = std::move(event.arguments);
  what.arguments.erase(what.arguments.begin());
  what.attachments = std::move(event.attachments);
  nsp_.dispatch(*this, name, what,
                event.ack ? ack{weak_from_this(), *event.ack} : ack{});
}

void socket::acknowledged(std::uint64_t id, boost::json::array& arguments,
                          std::vector<std::string>& attachments) {
  message what;
  what.arguments = std::move(arguments);
  what.attachments = std::move(attachments);
  answered(id, std::move(what));
}

void socket::gone(std::optional<engineio::close_reason> lost) {
  auto self = shared_from_this();
  auto reason = lost ? reason_of(*lost) : disconnect_reason::client_disconnect;
  forget_questions();
  if (missed_ && may_come_back(reason))
    nsp_.server_.keep(self, reason);
  else
    nsp_.remove(*this, reason);
}

// -- the peer -----------------------------------------------------------------

void socket::attach(peer& to) {
  peer_ = &to;
  parser_ = to.parser();
}

void socket::detach() {
  peer_ = nullptr;
}

/// Answers to what was asked so far will not come.
void socket::forget_questions() {
  for (auto& [id, waiting] : std::exchange(acks_, {})) {
    nsp_.server_.timers_.cancel(waiting.timer);
    waiting.on_answer(std::nullopt);
  }
}

void socket::answered(std::uint64_t id, std::optional<message> what) {
  auto i = acks_.find(id);
  if (i == acks_.end())
    return; // too late, or never asked
  auto self = shared_from_this();
  nsp_.server_.timers_.cancel(i->second.timer);
  auto on_answer = std::move(i->second.on_answer);
  acks_.erase(i);
  on_answer(std::move(what));
}

// -- ack ----------------------------------------------------------------------

void ack::operator()(const message& what) {
  auto id = std::exchange(id_, std::nullopt);
  auto to = to_.lock();
  if (id && to)
    to->answer(*id, what);
}

} // namespace observer::sio
