#include "net/gateway/socket_port.hpp"

#include "messages/session.hpp"
#include "net/engineio/random_id.hpp"
#include "net/gateway/encoding.hpp"
#include "net/gateway/relay_port.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace observer::gateway {

namespace {

/// A passing event is dropped for a client that has this much to read still.
constexpr std::size_t droppable_above = 64 * 1024;

} // namespace

socket_port::socket_port(const rooms_services& services, sio::peer& owner)
  : connection_(&owner.connection()),
    parser_(owner.parser()),
    peer_(&owner),
    services_(services) {
  info_.address = connection_->address();
}

// -- entering -----------------------------------------------------------------

void socket_port::begin() {
  info_.socket_id = engineio::random_id();
  if (services_.find_session)
    info_.recovery_id = engineio::random_id_at(services_.loop);
  // The CONNECT answer goes first: actors may have something to say at once.
  peer_->accept(rooms_namespace::name, info_.socket_id, info_.recovery_id);
  session_ = services_.make_session(shared_from_this());
}

void socket_port::ask_for(std::string recovery_id, heard_so_far heard) {
  std::shared_ptr<recovering_port> self = shared_from_this();
  if (engineio::loop_of(recovery_id) % services_.loops != services_.loop)
    self = std::make_shared<relay_port>(services_.context, std::move(self));
  services_.find_session(
    {std::move(recovery_id), std::move(heard), std::move(self), {}});
}

void socket_port::recovered(const connection_info& earlier,
                            const session_actor& session) {
  if (peer_ == nullptr) { // gone before it was found
    caf::anon_send(session, session_message::client_gone{false, earlier.epoch});
    return;
  }
  info_.socket_id = earlier.socket_id;
  info_.recovery_id = earlier.recovery_id;
  info_.epoch = earlier.epoch;
  session_ = session;
  peer_->accept(rooms_namespace::name, info_.socket_id, info_.recovery_id);
}

void socket_port::not_recovered() {
  if (peer_ != nullptr)
    begin();
}

void socket_port::fenced() {
  if (peer_ == nullptr)
    return;
  session_ = nullptr;
  auto& connection = *connection_;
  auto self = peer_->release(rooms_namespace::name);
  detach();
  connection.close(engineio::close_reason::server_close,
                   "another connection of its client has its session");
}

void socket_port::gone(std::optional<engineio::close_reason> lost) {
  services_.ended.add({info_.socket_id, info_.address,
                       std::chrono::time_point_cast<timestamp::duration>(
                         std::chrono::system_clock::now()),
                       lost, life_ ? std::move(*life_) : transport::connection_life{}},
                      std::chrono::steady_clock::now());
  life_.reset(); // this may stay for as long as its session is awaited
  if (auto session = std::exchange(session_, nullptr))
    caf::anon_send(session, session_message::client_gone{!lost, info_.epoch});
}

void socket_port::detach() {
  if (connection_ != nullptr)
    life_
      = std::make_unique<transport::connection_life>(connection_->life());
  peer_ = nullptr;
  connection_ = nullptr;
}

// -- requests -----------------------------------------------------------------

void socket_port::received(const socketio::incoming_event& event) {
  const auto* row = find_event(event.name);
  if (row == nullptr)
    return reply_to(event.name, event.ack,
                    failure{errc::unknown_event, "there is no such event"});
  submit(*row, event.ack,
         read_request(*row, event.arguments, event.attachments,
                      services_.limits, services_.met));
}

bool socket_port::received_plain(const socketio::plain_event& event) {
  const auto* row = find_event(event.name);
  if (row == nullptr)
    return false;
  submit(*row, event.ack,
         read_request(*row, event, services_.limits, services_.met));
  return true;
}

/// Hands one request to the session actor. Input pauses while too many are
/// under way.
void socket_port::submit(const event_row& row, std::optional<std::uint64_t> ack,
                         std::variant<client_request, failure>&& request) {
  if (auto* why = std::get_if<failure>(&request))
    return reply_to(row.name, ack, *why);
  request_tag tag{row.name, ack};
  std::visit([&](auto& x) { caf::anon_send(session_, tag, std::move(x)); },
             std::get<client_request>(request));
  if (++under_way_ == services_.limits.credit)
    connection_->pause(true);
}

// -- implementation of client_port --------------------------------------------

void socket_port::deliver(const frame& event, urgency how) {
  if (connection_ == nullptr)
    return;
  if (how == urgency::droppable
      && connection_->queued_bytes() > droppable_above)
    return;
  connection_->send(static_cast<const wire_event&>(*event).packets(parser_));
}

void socket_port::answer(const request_tag& tag, const reply& result) {
  if (connection_ == nullptr)
    return;
  // An answer to the connection before this one is none of our requests.
  if (under_way_ > 0 && under_way_-- == services_.limits.credit)
    connection_->pause(false);
  reply_to(tag.event, tag.ack, result);
}

/// Answers with an ACK, or if none is wanted with `error`, should the request
/// have failed.
void socket_port::reply_to(std::string_view event,
                           std::optional<std::uint64_t> ack,
                           const reply& result) {
  if (ack)
    connection_->send(encode_ack(parser_, *ack, result));
  else if (const auto* why = std::get_if<failure>(&result))
    connection_->send(encode_error(parser_, event, *why));
}

void socket_port::close(std::string_view why) {
  if (connection_ == nullptr)
    return;
  spdlog::info("client.ended address={} why={:?}", info_.address, why);
  connection_->close(engineio::close_reason::server_close, why);
}

line_figures socket_port::figures() const {
  if (connection_ == nullptr)
    return {};
  return {engineio::to_string_view(connection_->transport()),
          connection_->version() == engineio::protocol::v3 ? 3 : 4,
          connection_->queued_bytes()};
}

connection_info socket_port::info() const {
  auto result = info_;
  if (connection_ != nullptr) {
    result.transport = engineio::to_string_view(connection_->transport());
    result.queued_bytes = connection_->queued_bytes();
  }
  return result;
}

} // namespace observer::gateway
