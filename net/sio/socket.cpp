#include "net/sio/socket.hpp"

#include "net/sio/client.hpp"
#include "net/sio/encoding.hpp"

#include <algorithm>
#include <utility>

namespace observer::sio {

namespace {

std::chrono::steady_clock::time_point now() {
  return std::chrono::steady_clock::now();
}

std::optional<replay_buffer> make_buffer(const server_options& options) {
  if (!options.recovery)
    return std::nullopt;
  return replay_buffer{options.recovery->bytes,
                       options.recovery->window + options.recovery->margin};
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

const std::string* handshake::find_query(std::string_view name) const {
  auto i = std::find_if(query.begin(), query.end(),
                        [name](auto& x) { return x.first == name; });
  return i != query.end() ? &i->second : nullptr;
}

// -- socket -------------------------------------------------------------------

socket::socket(nsp& where, sio::handshake said, std::string id,
               std::string recovery_id)
  : nsp_(where),
    handshake_(std::move(said)),
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
  deliver(nsp_.encode(handshake_.nsp, event, what));
}

void socket::emit(std::string_view event, const message& what,
                  std::chrono::milliseconds timeout, ack_handler on_answer) {
  if (client_ == nullptr)
    return on_answer(std::nullopt);
  auto id = next_ack_++;
  auto& waiting = acks_[id];
  waiting.on_answer = std::move(on_answer);
  nsp_.server_.timers_.set(waiting.timer, now() + timeout,
                           [this, id] { answered(id, std::nullopt); });
  client_->connection().send(
    encode_event(nsp_.server_.parser(), handshake_.nsp, event, what, id));
}

void socket::emit_volatile(std::string_view event, const message& what) {
  if (client_ == nullptr)
    return;
  auto& connection = client_->connection();
  if (connection.queued_bytes() <= nsp_.server_.options_.volatile_above)
    connection.send(
      encode_event(nsp_.server_.parser(), handshake_.nsp, event, what));
}

void socket::disconnect() {
  if (client_ != nullptr)
    client_->show_out(*this);
}

void socket::close() {
  if (client_ != nullptr)
    client_->connection().close(engineio::close_reason::server_close);
}

void socket::deliver(const replay_buffer::entry& event) {
  if (missed_)
    missed_->add(event, now());
  if (client_ != nullptr)
    client_->connection().send(event.packets);
}

void socket::answer(std::uint64_t id, const message& what) {
  if (client_ != nullptr)
    client_->connection().send(
      encode_ack(nsp_.server_.parser(), handshake_.nsp, id, what));
}

/// The connection is gone.
void socket::detach() {
  client_ = nullptr;
  forget_questions();
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
