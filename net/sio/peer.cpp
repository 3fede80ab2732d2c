#include "net/sio/peer.hpp"

#include "net/http/target.hpp"
#include "net/sio/server.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace observer::sio {

namespace {

constexpr std::string_view root = "/";

socketio::protocol version_of(const transport::connection& below) {
  return below.version() == engineio::protocol::v3 ? socketio::protocol::v4
                                                   : socketio::protocol::v5;
}

std::unique_ptr<const opening_request> keep(const http::request& request) {
  auto result = std::make_unique<opening_request>();
  result->target = request.target();
  result->headers = request;
  result->issued = std::chrono::system_clock::now();
  result->query = http::parse_query(http::split_target(result->target).query);
  return result;
}

} // namespace

peer::peer(server& parent, transport::connection& below,
           const http::request& request)
  : server_(parent),
    connection_(below),
    session_(parent.options().protocol, version_of(below), *this,
             std::chrono::steady_clock::now()),
    request_(parent.options().keep_requests ? keep(request) : nullptr) {
}

/// Without `on_closed` before it only where the loop goes, and all with it.
peer::~peer() {
  connection_.timers().cancel(timer_);
  all_gone(engineio::close_reason::going_away);
}

const opening_request& peer::request() const {
  static const opening_request none;
  return request_ ? *request_ : none;
}

// -- for those who serve namespaces -------------------------------------------

void peer::enter(std::string_view nsp, std::shared_ptr<socket_handler> behind) {
  if (!awaits_attachments_)
    connection_.timers().cancel(timer_);
  if (nsp == root && behind->takes_plain_events())
    plain_ = behind.get();
  sockets_.push_back({std::string{nsp}, std::move(behind)});
}

void peer::accept(std::string_view nsp, std::string_view sid,
                  std::string_view pid) {
  connection_.entered();
  session_.accept(nsp, sid, pid);
}

void peer::refuse(std::string_view nsp, std::string_view message,
                  const boost::json::value& data) {
  session_.refuse(nsp, message, data);
}

std::shared_ptr<socket_handler> peer::show_out(std::string_view nsp) {
  session_.disconnect(nsp);
  return release(nsp);
}

std::shared_ptr<socket_handler> peer::release(std::string_view nsp) {
  auto i = std::find_if(sockets_.begin(), sockets_.end(),
                        [&](auto& x) { return x.nsp == nsp; });
  if (i == sockets_.end())
    return nullptr;
  auto result = std::move(i->behind);
  sockets_.erase(i);
  if (plain_ == result.get())
    plain_ = nullptr;
  return result;
}

std::shared_ptr<socket_handler> peer::find(std::string_view nsp) const {
  auto i = std::find_if(sockets_.begin(), sockets_.end(),
                        [&](auto& x) { return x.nsp == nsp; });
  return i != sockets_.end() ? i->behind : nullptr;
}

void peer::all_gone(engineio::close_reason why) {
  plain_ = nullptr;
  auto all = std::exchange(sockets_, {});
  for (auto& x : all)
    x.behind->detach();
  for (auto& x : all)
    x.behind->gone(why);
}

// -- implementation of connection_handler -------------------------------------

void peer::on_open() {
  session_.on_open();
  if (auto due = session_.deadline())
    connection_.timers().set(timer_, *due, [this] {
      session_.on_time(std::chrono::steady_clock::now());
    });
}

void peer::on_message(std::string_view data, bool binary) {
  if (binary)
    session_.on_binary(data);
  else
    session_.on_text(data);
  if (session_.awaits_attachments() || awaits_attachments_)
    watch_attachments();
}

/// Attachments that a packet announces must come in time, or memory would be
/// held for them as long as the client likes; and all clients of an address may
/// hold only so much. Who is not in yet has a deadline for that already.
void peer::watch_attachments() {
  auto& timers = connection_.timers();
  if (!connection_.hold(session_.unfinished_bytes())) {
    spdlog::info("client.holds_too_much address={}", connection_.address());
    return connection_.close(engineio::close_reason::unfinished,
                             "its address holds too much unfinished");
  }
  if (session_.awaits_attachments() == awaits_attachments_)
    return;
  if (std::exchange(awaits_attachments_, false))
    return timers.cancel(timer_);
  if (timer_)
    return;
  awaits_attachments_ = true;
  timers.set(timer_,
             std::chrono::steady_clock::now()
               + server_.options().protocol.attachments_timeout,
             [this] { fail(socketio::errc::late_attachments); });
}

void peer::on_closed(engineio::close_reason reason) {
  connection_.timers().cancel(timer_);
  all_gone(reason);
}

// -- implementation of session_effects ----------------------------------------

void peer::send(const engineio::outgoing_ptr& packet) {
  connection_.send(packet);
}

void peer::fail(boost::system::error_code why) {
  if (auto* met = server_.options().met)
    socketio::count(why, *met);
  spdlog::debug("client.protocol_error address={} what={:?}",
                connection_.address(), why.message());
  connection_.close(why == socketio::errc::large_attachments
                      ? engineio::close_reason::oversized
                      : engineio::close_reason::parse_error,
                    why.message());
}

void peer::connecting(std::string_view nsp, boost::json::object auth) {
  if (auto* where = server_.find(nsp))
    where->connecting(*this, nsp, std::move(auth));
  else
    session_.refuse(nsp, "Invalid namespace");
}

void peer::received(const socketio::incoming_event& event) {
  if (auto behind = find(event.nsp))
    behind->received(event);
}

bool peer::received_plain(const socketio::plain_event& event) {
  return plain_->received_plain(event);
}

void peer::acknowledged(std::string_view nsp, std::uint64_t id,
                        boost::json::array& arguments,
                        std::vector<std::string>& attachments) {
  if (auto behind = find(nsp))
    behind->acknowledged(id, arguments, attachments);
}

void peer::disconnected(std::string_view nsp) {
  if (auto behind = release(nsp)) {
    behind->detach();
    behind->gone(std::nullopt);
  }
}

} // namespace observer::sio
