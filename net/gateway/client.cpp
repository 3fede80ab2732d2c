#include "net/gateway/client.hpp"

#include "net/engineio/random_id.hpp"
#include "net/gateway/event_table.hpp"
#include "net/gateway/relay_port.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace observer::gateway {

namespace {

constexpr std::string_view root = "/";

/// A passing event is dropped for a client that has this much to read still.
constexpr std::size_t droppable_above = 64 * 1024;

engineio::time_point now() {
  return std::chrono::steady_clock::now();
}

} // namespace

// -- client -------------------------------------------------------------------

client::client(std::shared_ptr<const client_services> services,
               transport::connection& below)
  : services_(std::move(services)),
    connection_(below),
    session_(services_->socketio,
             below.version() == engineio::protocol::v3 ? socketio::protocol::v4
                                                       : socketio::protocol::v5,
             *this, now()),
    packet_tokens_(services_->limits.packet_burst),
    packets_seen_(now()) {
}

client::~client() {
  connection_.timers().cancel(timer_);
  leave(false);
}

void client::on_open() {
  session_.on_open();
  if (auto due = session_.deadline())
    connection_.timers().set(timer_, *due, [this] { session_.on_time(now()); });
}

void client::on_message(std::string_view data, bool binary) {
  auto self = shared_from_this();
  if (!within_packet_rate()) {
    connection_.close(engineio::close_reason::flooding);
    return;
  }
  if (binary)
    session_.on_binary(data);
  else
    session_.on_text(data);
}

void client::on_closed(engineio::close_reason) {
  connection_.timers().cancel(timer_);
  leave(false);
}

void client::leave(bool clean) {
  if (auto gone = std::exchange(socket_, nullptr))
    gone->detach(clean);
}

/// False once a client has been over its packet rate for too long.
bool client::within_packet_rate() {
  auto& limits = services_->limits;
  if (!limits.rate_limits)
    return true;
  auto at = now();
  std::chrono::duration<double> elapsed = at - packets_seen_;
  packets_seen_ = at;
  packet_tokens_
    = std::min(limits.packet_burst,
               packet_tokens_ + elapsed.count() * limits.packets_per_second);
  packet_tokens_ -= 1;
  if (packet_tokens_ >= 0) {
    flooding_since_ = {};
    return true;
  }
  packet_tokens_ = 0;
  if (flooding_since_ == engineio::time_point{})
    flooding_since_ = at;
  return at - flooding_since_ < limits.flood_tolerance;
}

void client::send(const engineio::outgoing_ptr& packet) {
  connection_.send(packet);
}

void client::fail(boost::system::error_code why) {
  socketio::count(why, services_->packets_met);
  spdlog::debug("client.protocol_error address={} what={:?}",
                connection_.address(), why.message());
  connection_.close(why == socketio::errc::large_attachments
                      ? engineio::close_reason::oversized
                      : engineio::close_reason::parse_error);
}

void client::connecting(std::string_view nsp, boost::json::object auth) {
  if (nsp != root) {
    session_.refuse(nsp, "Invalid namespace");
    return;
  }
  connection_.timers().cancel(timer_);
  const auto* pid = auth.if_contains("pid");
  const auto* offset = auth.if_contains("offset");
  if (services_->find_session == nullptr || pid == nullptr || !pid->is_string())
    return begin_anew();
  heard_so_far heard;
  if (offset != nullptr && offset->is_string())
    heard = parse_offset(offset->get_string());
  ask_for(std::string{pid->get_string()}, std::move(heard));
}

void client::begin_anew() {
  connection_info who;
  who.socket_id = engineio::random_id();
  if (services_->find_session)
    who.recovery_id = engineio::random_id() + std::to_string(services_->loop);
  who.address = connection_.address();
  // The CONNECT answer goes first: actors may have something to say at once.
  welcome(who);
  socket_ = std::make_shared<socket>(*this, std::move(who),
                                     services_->limits.credit);
  socket_->attach(services_->make_session(socket_));
}

/// Waits for the hub to find the session, which may live on another loop.
void client::ask_for(std::string recovery_id, heard_so_far heard) {
  connection_info who;
  who.address = connection_.address();
  socket_ = std::make_shared<socket>(*this, std::move(who),
                                     services_->limits.credit);
  std::shared_ptr<recovering_port> port = socket_;
  if (loop_of(recovery_id, services_->loops) != services_->loop)
    port = std::make_shared<relay_port>(services_->context, socket_);
  services_->find_session(
    {std::move(recovery_id), std::move(heard), std::move(port), {}});
}

void client::welcome(const connection_info& who) {
  connection_.entered();
  session_.accept(root, who.socket_id, who.recovery_id);
}

void client::give_up() {
  socket_ = nullptr;
  connection_.close(engineio::close_reason::server_close);
}

void client::received(const socketio::incoming_event& event) {
  if (!socket_)
    return;
  const auto* row = find_event(event.name);
  if (row == nullptr)
    return answer(event.name, event.ack,
                  failure{errc::unknown_event, "there is no such event"});
  submit(*row, event.ack,
         read_request(*row, event.arguments, event.attachments,
                      services_->limits, services_->met));
}

bool client::received_plain(const socketio::plain_event& event) {
  const auto* row = find_event(event.name);
  if (row == nullptr)
    return false;
  if (socket_)
    submit(*row, event.ack,
           read_request(*row, event, services_->limits, services_->met));
  return true;
}

void client::submit(const event_row& row, std::optional<std::uint64_t> ack,
                    std::variant<client_request, failure>&& request) {
  if (auto* why = std::get_if<failure>(&request))
    answer(row.name, ack, *why);
  else
    socket_->submit(row.name, ack,
                    std::move(std::get<client_request>(request)));
}

void client::answer(std::string_view event, std::optional<std::uint64_t> ack,
                    const reply& result) {
  auto& encoder = services_->encoder;
  if (ack)
    connection_.send(encoder.encode_ack(*ack, result));
  else if (const auto* why = std::get_if<failure>(&result))
    connection_.send(encoder.encode_error(event, *why));
}

void client::acknowledged(std::string_view, std::uint64_t, boost::json::array&,
                          std::vector<std::string>&) {
  // The room server asks clients nothing, so nobody waits for an answer.
}

void client::disconnected(std::string_view) {
  leave(true);
}

// -- socket -------------------------------------------------------------------

std::size_t loop_of(std::string_view recovery_id, std::size_t count) {
  std::size_t result = 0;
  if (recovery_id.size() > engineio::random_id_size)
    std::from_chars(recovery_id.data() + engineio::random_id_size,
                    recovery_id.data() + recovery_id.size(), result);
  return result % count;
}

socket::socket(client& owner, connection_info info, std::uint32_t credit)
  : owner_(&owner),
    connection_(&owner.connection()),
    info_(std::move(info)),
    credit_(credit) {
}

void socket::attach(session_actor session) {
  session_ = std::move(session);
}

void socket::submit(std::string_view event, std::optional<std::uint64_t> ack,
                    client_request&& request) {
  request_tag tag{event, ack};
  std::visit([&](auto& x) { caf::anon_send(session_, tag, std::move(x)); },
             request);
  if (++under_way_ == credit_)
    connection_->pause(true);
}

void socket::detach(bool clean) {
  owner_ = nullptr;
  connection_ = nullptr;
  if (session_) // otherwise it is still looked for
    caf::anon_send(session_, client_gone{clean});
  session_ = nullptr;
}

void socket::recovered(const connection_info& earlier,
                       const session_actor& session) {
  if (owner_ == nullptr) { // gone before it was found
    caf::anon_send(session, client_gone{false});
    return;
  }
  info_.socket_id = earlier.socket_id;
  info_.recovery_id = earlier.recovery_id;
  session_ = session;
  owner_->welcome(info_);
}

void socket::not_recovered() {
  if (owner_ != nullptr)
    owner_->begin_anew();
}

void socket::fenced() {
  session_ = nullptr;
  connection_ = nullptr;
  if (auto* owner = std::exchange(owner_, nullptr))
    owner->give_up();
}

void socket::deliver(const frame& event, urgency how) {
  if (connection_ == nullptr)
    return;
  if (how == urgency::droppable
      && connection_->queued_bytes() > droppable_above)
    return;
  connection_->send(static_cast<const wire_event&>(*event).packets());
}

void socket::answer(const request_tag& tag, const reply& result) {
  if (owner_ == nullptr)
    return;
  // An answer to the connection before this one is none of our requests.
  if (under_way_ > 0 && under_way_-- == credit_)
    connection_->pause(false);
  // Sending comes last: it may find the client too slow, and end it.
  owner_->answer(tag.event, tag.ack, result);
}

void socket::close(std::string_view why) {
  if (owner_ == nullptr)
    return;
  spdlog::info("client.ended address={} why={:?}", info_.address, why);
  connection_->close(engineio::close_reason::server_close);
}

connection_info socket::info() const {
  auto result = info_;
  if (connection_ != nullptr) {
    result.transport = engineio::to_string_view(connection_->transport());
    result.queued_bytes = connection_->queued_bytes();
  }
  return result;
}

} // namespace observer::gateway
