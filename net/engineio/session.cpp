#include "net/engineio/session.hpp"

#include <algorithm>
#include <utility>

namespace observer::engineio {

namespace {

const outgoing_ptr& ping_packet() {
  static const auto packet = outgoing::make(packet_type::ping);
  return packet;
}

const outgoing_ptr& pong_packet() {
  static const auto packet = outgoing::make(packet_type::pong);
  return packet;
}

const outgoing_ptr& close_packet() {
  static const auto packet = outgoing::make(packet_type::close);
  return packet;
}

const outgoing_ptr& probe_answer() {
  static const auto packet = outgoing::make(packet_type::pong, "probe");
  return packet;
}

std::string noop_payload(protocol version) {
  return version == protocol::v4 ? "6" : "1:6";
}

} // namespace

std::string_view to_string_view(close_reason reason) {
  switch (reason) {
    case close_reason::transport_close:
      return "transport close";
    case close_reason::client_close:
      return "client close";
    case close_reason::ping_timeout:
      return "ping timeout";
    case close_reason::parse_error:
      return "parse error";
    case close_reason::overfull_post:
      return "too many packets in a request";
    case close_reason::oversized:
      return "message too large";
    case close_reason::unfinished:
      return "unfinished message";
    case close_reason::server_close:
      return "forced close";
    case close_reason::going_away:
      return "server shutting down";
    case close_reason::slow_reader:
      return "slow reader";
    case close_reason::flooding:
      return "flooding";
  }
  return "transport close";
}

session::session(const session_options& options, protocol version,
                 transport first, session_effects& effects, time_point now)
  : options_(options),
    effects_(effects),
    version_(version),
    transport_(first),
    next_ping_(now + options.ping_interval) {
  if (version_ == protocol::v3)
    pong_due_ = next_ping_ + options_.ping_timeout;
}

// -- time ---------------------------------------------------------------------

time_point session::deadline() const {
  if (rest_ && !must_wait())
    return rest_->due;
  auto result = pong_due_.value_or(next_ping_);
  if (guard_.is_shut())
    result = std::min(result, guard_.reopens_at());
  if (probe_ != probe_state::none)
    result = std::min(result, probe_due_);
  if (probe_ == probe_state::answered)
    result = std::min(result, next_noop_);
  return result;
}

void session::on_time(time_point now) {
  if (closed_)
    return;
  if (pong_due_ && now >= *pong_due_)
    return finish(close_reason::ping_timeout);
  if (guard_.is_shut() && now >= guard_.reopens_at()) {
    if (!guard_.reopen(options_.rates, now))
      return finish(close_reason::flooding);
    go_on(now);
  } else if (rest_) {
    go_on(now);
  }
  if (closed_)
    return;
  if (!pong_due_ && now >= next_ping_) {
    // The deadline counts from when the ping was due, not from when a poll
    // fetched it.
    pong_due_ = next_ping_ + options_.ping_timeout;
    send(ping_packet());
  }
  if (probe_ != probe_state::none && now >= probe_due_) {
    end_probe();
    effects_.drop_probe(true);
  }
  if (probe_ == probe_state::answered && now >= next_noop_) {
    next_noop_ = now + options_.upgrade_noop_interval;
    if (poll_waiting_) {
      poll_waiting_ = false;
      effects_.answer_poll(noop_payload(version_));
    }
  }
}

// -- from the application -----------------------------------------------------

void session::send(const outgoing_ptr& packets) {
  if (closed_ || closing_)
    return;
  if (transport_ == transport::websocket)
    return send_now(packets);
  queue_.push_back(packets);
  queued_bytes_ += packets->websocket().size();
  if (poll_waiting_)
    flush_to_poll();
}

/// On the WebSocket.
void session::send_now(const outgoing_ptr& packets) {
  effects_.send_websocket(version_ == protocol::v4 ? packets
                                                   : outgoing::to_v3(packets));
}

void session::close(close_reason reason) {
  auto by_application = reason == close_reason::server_close;
  if (closed_ || (closing_ && by_application))
    return;
  if (by_application && transport_ == transport::polling && !poll_waiting_
      && !queue_.empty()) {
    // The next poll fetches what is queued; without one, the ping times out.
    send(close_packet());
    closing_ = true;
    return;
  }
  finish(reason);
}

void session::hold_input(bool held, time_point now) {
  paused_ = held;
  if (paused_)
    hold(engineio::hold::application);
  else if (rest_) // whoever wants more may be in the midst of something
    rest_->due = now;
  else
    go_on(now);
}

void session::hold(engineio::hold why) {
  auto held = why != engineio::hold::none;
  if (!closed_ && std::exchange(held_, held) != held)
    effects_.hold_websocket(why);
}

/// Takes input again, if it may: first what had to wait.
void session::go_on(time_point now) {
  if (must_wait())
    return;
  if (auto rest = std::exchange(rest_, nullptr))
    read_post(std::move(rest->reader), now);
  if (closed_ || must_wait())
    return;
  if (std::exchange(post_waiting_, false))
    effects_.answer_post();
  hold(engineio::hold::none);
}

// -- polling ------------------------------------------------------------------

session::outcome session::on_poll(time_point) {
  if (closed_ || poll_waiting_) {
    finish(close_reason::transport_close);
    return outcome::refused;
  }
  poll_waiting_ = true;
  if (!queue_.empty())
    flush_to_poll();
  return outcome::taken;
}

void session::on_poll_lost() {
  poll_waiting_ = false;
  finish(close_reason::transport_close);
}

session::outcome session::on_post(std::string_view payload, bool binary,
                                  time_point now) {
  if (closed_ || post_waiting_ || (binary && version_ == protocol::v4)) {
    finish(close_reason::parse_error);
    return outcome::refused;
  }
  if (version_ == protocol::v3)
    read_post(payload_v3_reader{payload, binary, options_.max_post_packets},
              now);
  else
    read_post(payload_reader{payload, options_.max_post_packets}, now);
  post_waiting_ = rest_ != nullptr;
  return post_waiting_ ? outcome::held : outcome::taken;
}

/// Reads on up to the end, or until the rest has to wait, be it nothing.
void session::read_post(post_reader reader, time_point now) {
  while (!closed_) {
    if (must_wait()) {
      rest_
        = std::make_unique<waiting_post>(waiting_post{std::move(reader), now});
      return;
    }
    auto next = std::visit([](auto& x) { return x.next(); }, reader);
    if (!next)
      return finish(next.error() == errc::too_many_packets
                      ? close_reason::overfull_post
                      : close_reason::parse_error);
    if (!*next)
      return;
    on_packet(**next, now);
  }
}

void session::flush_to_poll() {
  std::string payload;
  std::size_t packets = 0;
  auto next = queue_.begin();
  for (; next != queue_.end(); ++next) {
    auto& unit = **next;
    if (packets > 0 && packets + unit.packets() > options_.max_poll_packets)
      break;
    packets += unit.packets();
    if (version_ == protocol::v4)
      unit.append_to_payload(payload);
    else
      unit.append_to_payload_v3(payload);
    queued_bytes_ -= unit.websocket().size();
  }
  queue_.erase(queue_.begin(), next);
  poll_waiting_ = false;
  effects_.answer_poll(std::move(payload));
  if (closing_ && queue_.empty())
    finish(close_reason::server_close);
}

// -- websocket ----------------------------------------------------------------

void session::on_websocket_message(std::string_view data, bool binary,
                                   time_point now) {
  if (closed_)
    return;
  if (binary && version_ == protocol::v4)
    return on_packet(packet{packet_type::message, true, data}, now);
  std::string decoded;
  auto in = binary                     ? decode_binary_v3(data)
            : version_ == protocol::v4 ? decode_text_packet(data, decoded)
                                       : decode_text_packet_v3(data, decoded);
  if (in)
    on_packet(*in, now);
  else
    finish(close_reason::parse_error);
}

void session::on_websocket_closed(close_reason why) {
  finish(why);
}

void session::on_packet(const packet& in, time_point now) {
  guard_.take(options_.rates, in.data.size(), now);
  if (guard_.is_shut())
    hold(guard_.waits_for_bytes() ? engineio::hold::bytes
                                  : engineio::hold::packets);
  if (version_ == protocol::v3)
    pong_due_ = now + options_.ping_interval + options_.ping_timeout;
  switch (in.type) {
    case packet_type::message:
      if (!closing_)
        effects_.deliver(in.data, in.binary);
      break;
    case packet_type::pong:
      if (version_ == protocol::v4) {
        pong_due_.reset();
        next_ping_ = now + options_.ping_interval;
      }
      break;
    case packet_type::close:
      if (std::exchange(poll_waiting_, false))
        effects_.answer_poll(noop_payload(version_));
      finish(close_reason::client_close);
      break;
    case packet_type::ping:
      if (version_ == protocol::v3)
        send(pong_packet());
      else // only the server pings
        finish(close_reason::parse_error);
      break;
    default: // meaningless here, and harmless
      break;
  }
}

// -- upgrade ------------------------------------------------------------------

bool session::on_probe_opened(time_point now) {
  if (closed_ || transport_ == transport::websocket
      || probe_ != probe_state::none)
    return false;
  probe_ = probe_state::opened;
  probe_due_ = now + options_.upgrade_timeout;
  return true;
}

void session::on_probe_message(std::string_view data, bool binary,
                               time_point now) {
  if (closed_ || probe_ == probe_state::none)
    return;
  if (probe_ == probe_state::opened && !binary && data == "2probe") {
    probe_ = probe_state::answered;
    next_noop_ = now + options_.upgrade_noop_interval;
    effects_.send_probe(probe_answer());
    return;
  }
  // With or without a probe, which is for the client's good: firmware for ESP32
  // and ESP8266, and a client for .NET, do without.
  if (!binary && data == "5") {
    end_probe();
    if (std::exchange(poll_waiting_, false))
      effects_.answer_poll(noop_payload(version_));
    transport_ = transport::websocket;
    effects_.adopt_probe();
    queued_bytes_ = 0;
    for (auto& packets : std::exchange(queue_, {}))
      send_now(packets);
    if (closing_)
      finish(close_reason::server_close);
    return;
  }
  end_probe();
  effects_.drop_probe(false);
}

void session::on_probe_closed() {
  end_probe();
}

void session::end_probe() {
  probe_ = probe_state::none;
}

// -- the end ------------------------------------------------------------------

/// The only way to close a session.
void session::finish(close_reason reason) {
  if (closed_)
    return;
  // What is queued went out with the poll, or it would not be waiting.
  auto poll_waited = std::exchange(poll_waiting_, false);
  if (poll_waited && reason == close_reason::going_away)
    effects_.fail_poll();
  else if (poll_waited)
    effects_.answer_poll(version_ == protocol::v4 ? "1" : "1:1");
  if (std::exchange(post_waiting_, false))
    effects_.answer_post();
  closed_ = true;
  rest_.reset();
  if (probe_ != probe_state::none) {
    end_probe();
    effects_.drop_probe(false);
  }
  effects_.closed(reason);
}

} // namespace observer::engineio
