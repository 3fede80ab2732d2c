#include "net/transport/engine_connection.hpp"

#include "net/engineio/random_id.hpp"
#include "net/http/compression.hpp"
#include "net/transport/server.hpp"
#include "net/transport/turn_away.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

namespace observer::transport {

namespace {

engineio::time_point now() {
  return std::chrono::steady_clock::now();
}

/// How many times as large as the queue one event may be.
constexpr std::size_t max_oversize = 4;

http::response make_poll_response(std::string payload) {
  auto result = http::make_response(
    http::status::ok, "text/plain; charset=UTF-8", std::move(payload));
  result.set(http::field::cache_control, "no-store");
  return result;
}

http::response make_post_response() {
  return http::make_response(http::status::ok, "text/html", "ok");
}

http::response make_empty(http::status code) {
  return http::make_response(code, {}, {});
}

} // namespace

engine_connection::engine_connection(worker& host, const endpoint& entered,
                                     engineio::protocol version,
                                     engineio::transport first,
                                     std::string address, door::visitor who)
  : host_(host),
    session_(host.options().engine, version, first, *this, now()),
    endpoint_(entered),
    sid_(engineio::random_id_at(host.index())),
    address_(std::move(address)),
    visitor_(std::move(who)),
    record_(now()) {
}

engine_connection::~engine_connection() {
  host_.timers().cancel(timer_);
  if (websocket_)
    websocket_->set_observer(nullptr);
  if (probe_)
    probe_->set_observer(nullptr);
}

// -- what comes in ------------------------------------------------------------

void engine_connection::open_polling(const http_exchange_ptr& exchange,
                                     const header_fields& headers) {
  auto open = engineio::outgoing::make(engineio::packet_type::open,
                                       handshake());
  std::string payload;
  if (session_.version() == engineio::protocol::v4)
    open->append_to_payload(payload);
  else
    open->append_to_payload_v3(payload);
  auto answer = make_poll_response(std::move(payload));
  for (auto& [name, value] : headers)
    answer.insert(name, value);
  auto request = exchange->request();
  exchange->respond(std::move(answer));
  start(request);
}

void engine_connection::open_websocket(raw_connection from,
                                       const http::request& request,
                                       const header_fields& headers) {
  websocket_ = accept_websocket(host_, std::move(from), request, *this,
                                headers);
  send_websocket(
    engineio::outgoing::make(engineio::packet_type::open, handshake()));
  start(request);
}

/// The session is open: tell the application, and begin to watch the time.
void engine_connection::start(const http::request& request) {
  if (!endpoint_.make_handler) // the server is being taken down
    return;
  host_.add(sid_, shared_from_this());
  handler_ = endpoint_.make_handler(*this, request);
  handler_->on_open();
  reschedule();
}

std::string engine_connection::handshake() const {
  auto& engine = host_.options().engine;
  auto upgrades = session_.current_transport() == engineio::transport::polling
                    ? "[\"websocket\"]"
                    : "[]";
  return "{\"sid\":\"" + sid_ + "\",\"upgrades\":" + upgrades
         + ",\"pingInterval\":" + std::to_string(engine.ping_interval.count())
         + ",\"pingTimeout\":" + std::to_string(engine.ping_timeout.count())
         + ",\"maxPayload\":" + std::to_string(engine.max_payload) + "}";
}

void engine_connection::poll(const http_exchange_ptr& exchange) {
  if (!poll_) { // else the session refuses this one
    poll_ = exchange;
    exchange->on_broken = [weak = weak_from_this()] {
      if (auto alive = weak.lock()) {
        alive->poll_.reset();
        alive->session_.on_poll_lost();
      }
    };
  }
  if (session_.on_poll(now()) == engineio::session::outcome::refused)
    exchange->respond(make_empty(http::status::bad_request));
  reschedule();
}

void engine_connection::post(const http_exchange_ptr& exchange) {
  auto& in = exchange->request();
  auto binary = in[http::field::content_type] == "application/octet-stream";
  polled_.received += in.body().size();
  record_.came(note_type::post, in.body().size(), now());
  carrier_ = &in;
  auto outcome = session_.on_post(in.body(), binary, now());
  carrier_ = nullptr;
  if (outcome == engineio::session::outcome::held)
    post_ = exchange;
  else if (outcome == engineio::session::outcome::taken)
    exchange->respond(make_post_response());
  else
    exchange->respond(make_empty(http::status::bad_request));
  reschedule();
}

namespace {

/// How a WebSocket ends for each reason that a session ends for.
websocket_close websocket_close_of(engineio::close_reason reason) {
  switch (reason) {
    case engineio::close_reason::slow_reader:
      return websocket_close::now;
    case engineio::close_reason::going_away:
      return websocket_close::hang_up;
    default:
      return websocket_close::normal;
  }
}

} // namespace

void engine_connection::probe(raw_connection from,
                              const http::request& request) {
  if (!session_.on_probe_opened(now()))
    return turn_away(host_, std::move(from), request);
  // The client speaks first: `2probe`.
  probe_ = accept_websocket(host_, std::move(from), request, probe_observer_);
  reschedule();
}

// -- implementation of connection ---------------------------------------------

void engine_connection::send(const engineio::outgoing_ptr& packets) {
  if (host_.is_shut()) [[unlikely]]
    return;
  session_.send(packets);
  check_queue(packets->websocket().size());
}

/// Cuts a client off that does not read what it gets. One event may be larger
/// than the queue, to some extent: then it does not count until it is read, so
/// that nobody is cut off who reads as fast as the line is.
void engine_connection::check_queue(std::size_t newest) {
  auto limit = host_.options().queue_bytes;
  auto waiting = queued_bytes();
  record_.waiting(waiting);
  if (waiting <= limit / 2 && !behind_)
    return;
  // Much within one turn is not slow yet: see what the socket takes.
  if (websocket_ && (waiting > limit || !behind_))
    websocket_->flush_now();
  auto queued = queued_bytes();
  note_backlog(queued);
  if (waiting <= limit)
    return;
  if (queued <= limit + newest) // what was behind is gone, and larger ones
    oversized_ = newest > limit && newest <= max_oversize * limit ? newest : 0;
  if (queued > limit + oversized_)
    session_.close(engineio::close_reason::slow_reader);
}

/// Who is behind is so until three quarters of the queue are free, or there is
/// nobody any more.
void engine_connection::note_backlog(std::size_t queued) {
  auto& options = host_.options();
  auto behind = !session_.is_closed()
                && queued > options.queue_bytes / (behind_ ? 4 : 2);
  if (behind != std::exchange(behind_, behind) && options.on_backlog)
    options.on_backlog(*this, queued, behind);
}

void engine_connection::close(engineio::close_reason reason,
                              std::string_view detail) {
  if (!session_.is_closed())
    record_.closing(detail);
  session_.close(reason);
}

bool engine_connection::hold(std::size_t bytes) {
  return visitor_.hold(bytes);
}

void engine_connection::entered() {
  visitor_.enter();
}

void engine_connection::pause(bool paused) {
  session_.hold_input(paused, now());
  reschedule(); // the rest of a POST may be due
}

std::size_t engine_connection::queued_bytes() const {
  return websocket_ ? websocket_->queued_bytes() : session_.queued_bytes();
}

engineio::transport engine_connection::transport() const {
  return session_.current_transport();
}

engineio::protocol engine_connection::version() const {
  return session_.version();
}

const http::request* engine_connection::carrier() const {
  return carrier_;
}

const std::string& engine_connection::address() const {
  return address_;
}

connection_life engine_connection::life() const {
  return over_ ? *over_ : measure();
}

io::timer_queue& engine_connection::timers() {
  return host_.timers();
}

// -- implementation of session_effects ----------------------------------------

void engine_connection::deliver(std::string_view data, bool binary) {
  if (handler_)
    handler_->on_message(data, binary);
}

void engine_connection::answer_poll(std::string payload) {
  auto exchange = std::exchange(poll_, nullptr);
  if (!exchange)
    return;
  polled_.sent += payload.size();
  auto answer = make_poll_response(std::move(payload));
  if (auto above = host_.options().compress_above)
    http::compress(exchange->request(), answer, *above);
  exchange->respond(std::move(answer));
}

void engine_connection::fail_poll() {
  if (auto exchange = std::exchange(poll_, nullptr))
    exchange->respond(make_empty(http::status::service_unavailable));
}

void engine_connection::answer_post() {
  if (auto exchange = std::exchange(post_, nullptr))
    exchange->respond(make_post_response());
}

void engine_connection::hold_websocket(engineio::hold why) {
  if (why == engineio::hold::bytes)
    ++host_.parent().met().byte_rate;
  if (websocket_)
    websocket_->pause_reading(why != engineio::hold::none);
}

void engine_connection::send_websocket(const engineio::outgoing_ptr& packets) {
  if (websocket_)
    websocket_->send(packets);
}

void engine_connection::send_probe(const engineio::outgoing_ptr& packets) {
  if (probe_)
    probe_->send(packets);
}

void engine_connection::adopt_probe() {
  record_.upgraded(now());
  websocket_ = std::exchange(probe_, nullptr);
  websocket_->set_observer(this);
  websocket_->pause_reading(session_.holds_input());
}

void engine_connection::drop_probe(bool late) {
  if (late)
    ++host_.parent().met().upgrade_time;
  if (auto gone = std::exchange(probe_, nullptr)) {
    gone->set_observer(nullptr);
    gone->close(websocket_close::normal);
  }
}

/// Somebody may be in the midst of a call to this, or to the handler: both stay
/// until that has returned.
void engine_connection::closed(engineio::close_reason reason) {
  host_.loop().run_later([self = shared_from_this(), reason] {
    if (auto last = std::exchange(self->handler_, nullptr))
      last->on_closed(reason);
  });
  host_.timers().cancel(timer_);
  host_.remove(sid_);
  visitor_ = {};
  count(reason, host_.parent().met());
  note_backlog(0);
  over_ = std::make_unique<const connection_life>(measure());
  log_end(reason);
  if (auto link = std::exchange(websocket_, nullptr)) {
    link->set_observer(nullptr);
    link->close(websocket_close_of(reason));
  }
}

/// Never the sid: who knows it can be the client.
void engine_connection::log_end(engineio::close_reason reason) const {
  spdlog::info(
    "connection.closed address={} transport={} reason={:?} age_ms={} "
    "received={} sent={}",
    address_, over_->transport, engineio::to_string_view(reason),
    over_->age.count(), over_->received, over_->sent);
}

connection_life engine_connection::measure() const {
  auto out = record_.until(now());
  out.transport = engineio::to_string_view(session_.current_transport());
  out.protocol = session_.version() == engineio::protocol::v3 ? 3 : 4;
  auto bytes = polled_;
  if (websocket_) {
    bytes.received += websocket_->carried().received;
    bytes.sent += websocket_->carried().sent;
  }
  out.received = bytes.received;
  out.sent = bytes.sent;
  out.queued = queued_bytes();
  return out;
}

// -- implementation of websocket_observer -------------------------------------

void engine_connection::on_message(std::string_view data, bool binary) {
  auto at = now();
  record_.came(type_of(data, binary), data.size(), at);
  session_.on_websocket_message(data, binary, at);
  check_queue(0); // protocol 3: a pong
  reschedule();
}

void engine_connection::on_answered() {
  check_queue(0);
}

void engine_connection::on_closed(engineio::close_reason why) {
  session_.on_websocket_closed(why);
}

void engine_connection::probe_observer::on_message(std::string_view data,
                                                   bool binary) {
  parent.session_.on_probe_message(data, binary, now());
  parent.reschedule();
}

void engine_connection::probe_observer::on_answered() {
  auto& link = *parent.probe_;
  auto limit = parent.host_.options().queue_bytes;
  if (link.queued_bytes() > limit)
    link.flush_now();
  if (parent.probe_ && link.queued_bytes() > limit)
    parent.probe_->close(websocket_close::now);
}

void engine_connection::probe_observer::on_closed(engineio::close_reason why) {
  count(why, parent.host_.parent().met()); // the session goes on
  parent.probe_.reset();
  parent.session_.on_probe_closed();
}

// -- time ---------------------------------------------------------------------

/// Sets the timer to the session's deadline. A deadline that moved away is left
/// to the old timer, so that a pong costs nothing.
void engine_connection::reschedule() {
  if (session_.is_closed())
    return;
  auto due = session_.deadline();
  // Only heartbeats: many at once cost less than one by one.
  if (!probe_ && !session_.holds_input())
    due = io::round_up(due, host_.options().engine.ping_interval / 100);
  if (timer_ && timer_due_ <= due)
    return;
  timer_due_ = due;
  host_.timers().set(timer_, due, [this] {
    auto post = post_; // its rest may be delivered, and it answered
    carrier_ = post ? &post->request() : nullptr;
    session_.on_time(now());
    carrier_ = nullptr;
    reschedule();
  });
}

} // namespace observer::transport
