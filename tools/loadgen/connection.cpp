#include "tools/loadgen/connection.hpp"

#include "net/engineio/packet.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/detail/socket_option.hpp>
#include <boost/asio/post.hpp>

#include <netinet/in.h>

namespace observer::loadgen {

namespace {

// A loopback address has some 28,000 ports for clients.
constexpr std::size_t connections_per_address = 20'000;

// One message in so many is parsed as well, to see that the quick search and
// JSON agree.
constexpr std::uint32_t confirm_every = 1024;

constexpr int small_receive_buffer = 4096;

// Lets `connect` choose the port: `bind` would have to find one that is free
// towards everybody.
using bind_without_port
  = net::detail::socket_option::boolean<IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT>;

} // namespace

connection::connection(client_loop& loop, connection_events& events,
                       std::size_t index)
  : loop_(loop),
    events_(events),
    index_(index),
    socket_(loop.io()) {
}

// -- coming -------------------------------------------------------------------

void connection::open() {
  opened_at_ = steady::now();
  ++generation_;
  phase_ = phase::connecting;
  stopped_ = waiting_ = blocked_ = false;
  out_.clear();
  head_.clear();
  reader_.reset();
  error_code error;
  socket_.open(loop_.where().endpoint.protocol(), error);
  if (!error && small_window_)
    socket_.set_option(
      net::socket_base::receive_buffer_size{small_receive_buffer}, error);
  if (error || !bind_source(error)) {
    // Never from within `open`: whoever calls it is not prepared.
    net::post(loop_.io(), [this, error] { close(error.message()); });
    return;
  }
  socket_.async_connect(loop_.where().endpoint,
                        [this, mine = generation_](error_code result) {
                          if (mine == generation_ && !is_closed())
                            on_connected(result);
                        });
}

bool connection::bind_source(error_code& error) {
  auto number = index_ / connections_per_address;
  auto address = loop_.where().endpoint.address();
  if (number == 0 || !address.is_v4() || !address.is_loopback())
    return true;
  socket_.set_option(bind_without_port{true}, error);
  auto source = net::ip::address_v4::loopback().to_uint()
                + static_cast<std::uint32_t>(number);
  if (!error)
    socket_.bind({net::ip::address_v4{source}, 0}, error);
  return !error;
}

void connection::on_connected(error_code error) {
  if (!error)
    socket_.non_blocking(true, error);
  if (!error)
    socket_.set_option(tcp::no_delay{true}, error);
  if (error) {
    close(error.message());
  } else {
    phase_ = phase::upgrading;
    out_ = loop_.where().request;
    flush();
    wait_readable();
  }
  loop_.flush();
}

// -- going --------------------------------------------------------------------

void connection::leave() {
  if (phase_ != phase::ready) {
    if (phase_ != phase::leaving)
      close("");
    return;
  }
  send("1");
  send_frame(opcode::close, "\x03\xE8"); // 1000, normal closure
  phase_ = phase::leaving;
}

void connection::drop() {
  phase_ = phase::closed;
  error_code ignored;
  socket_.close(ignored);
}

void connection::close(std::string_view why) {
  if (is_closed())
    return;
  if (phase_ == phase::leaving)
    why = {};
  drop();
  events_.on_closed(*this, why);
}

// -- reading ------------------------------------------------------------------

void connection::stop_reading() {
  stopped_ = true;
}

void connection::resume_reading() {
  if (stopped_ && !is_closed()) {
    stopped_ = false;
    wait_readable();
  }
}

void connection::wait_readable() {
  if (stopped_ || waiting_ || is_closed())
    return;
  waiting_ = true;
  socket_.async_wait(tcp::socket::wait_read,
                     [this, mine = generation_](error_code error) {
                       if (mine != generation_ || is_closed())
                         return;
                       waiting_ = false;
                       if (error || stopped_)
                         return;
                       on_readable();
                       loop_.flush();
                     });
}

void connection::on_readable() {
  error_code error;
  auto& buffer = loop_.read_buffer();
  auto size = socket_.read_some(net::buffer(buffer), error);
  if (error == net::error::would_block)
    return wait_readable();
  if (error)
    return close(error == net::error::eof ? "closed by the server"
                                          : error.message());
  auto now = steady::now();
  std::string_view bytes{buffer.data(), size};
  if (phase_ == phase::upgrading && !on_head(bytes))
    return;
  auto mine = generation_;
  auto outcome = reader_.feed(bytes, [&](opcode kind, std::string_view data) {
    return on_frame(kind, data, now) && mine == generation_ && !is_closed();
  });
  if (outcome == frame_reader::outcome::malformed)
    close("malformed WebSocket frame");
  else if (outcome == frame_reader::outcome::more)
    wait_readable();
}

/// True if frames may follow in `bytes`.
bool connection::on_head(std::string_view& bytes) {
  constexpr std::string_view end = "\r\n\r\n";
  auto before = head_.size();
  head_ += bytes;
  auto at = head_.find(end);
  if (at == std::string::npos) {
    wait_readable();
    return false;
  }
  auto size = at + end.size();
  if (!accepts_upgrade(std::string_view{head_}.substr(0, size))) {
    close("refused: " + head_.substr(0, head_.find('\r')));
    return false;
  }
  bytes.remove_prefix(size - before);
  head_.clear();
  phase_ = phase::opening;
  return true;
}

/// False if the connection is over.
bool connection::on_frame(opcode kind, std::string_view payload,
                          time_point now) {
  switch (kind) {
    case opcode::text:
      return on_text(payload, now);
    case opcode::ping:
      send_frame(opcode::pong, payload);
      return true;
    case opcode::close: {
      std::string why{"closed by the server"};
      if (payload.size() >= 2)
        why += ", code "
               + std::to_string(static_cast<unsigned char>(payload[0]) * 256
                                + static_cast<unsigned char>(payload[1]));
      if (phase_ != phase::leaving) {
        send_frame(opcode::close, payload);
        flush();
      }
      close(why);
      return false;
    }
    default:
      return true; // pongs, and attachments, which nobody sends us
  }
}

bool connection::on_text(std::string_view text, time_point now) {
  auto packet = engineio::decode_packet(text);
  if (!packet) {
    close("malformed Engine.IO packet");
    return false;
  }
  switch (packet->type) {
    case engineio::packet_type::open:
      if (phase_ == phase::opening) {
        phase_ = phase::entering;
        send("0");
      }
      return true;
    case engineio::packet_type::ping:
      send_frame(opcode::text, "3");
      return true;
    case engineio::packet_type::close:
      close("closed by the server");
      return false;
    case engineio::packet_type::message:
      return on_packet(packet->data, now);
    default:
      return true;
  }
}

bool connection::on_packet(std::string_view packet, time_point now) {
  switch (packet.empty() ? '\0' : packet.front()) {
    case '0':
      if (phase_ == phase::entering) {
        phase_ = phase::ready;
        events_.on_ready(*this, now);
      }
      return true;
    case '1':
      close("disconnected by the server");
      return false;
    case '2':
      on_event(packet, now);
      return true;
    case '3':
      if (auto ack = scan_ack(packet))
        events_.on_ack(*this, *ack, packet, now);
      else
        events_.on_malformed(*this);
      return true;
    case '4':
      close("refused: " + std::string{packet.substr(1)});
      return false;
    default:
      events_.on_malformed(*this);
      return true;
  }
}

void connection::on_event(std::string_view packet, time_point now) {
  auto name = event_name(packet);
  if (name == "message") {
    auto message = scan_message(packet);
    if (!message
        || (heard_++ % confirm_every == 0 && !confirms(packet, *message)))
      events_.on_malformed(*this);
    else
      events_.on_message(*this, *message, now);
  } else if (name == "error" || name == "kicked" || name == "room_closed") {
    events_.on_trouble(*this, packet);
  }
}

// -- writing ------------------------------------------------------------------

void connection::send(std::string_view packet) {
  // One buffer for the message keeps it a single frame.
  thread_local std::string message;
  message = static_cast<char>(engineio::packet_type::message);
  message += packet;
  send_frame(opcode::text, message);
}

void connection::send_frame(opcode kind, std::string_view payload) {
  if (phase_ < phase::opening || phase_ == phase::leaving)
    return;
  append_client_frame(out_, kind, payload, loop_.next_mask());
  if (!marked_) {
    marked_ = true;
    loop_.mark(*this);
  }
}

void connection::flush() {
  marked_ = false;
  if (out_.empty() || blocked_ || is_closed())
    return;
  error_code error;
  auto size = socket_.write_some(net::buffer(out_), error);
  if (error && error != net::error::would_block)
    return; // the reading side hears of it
  out_.erase(0, size);
  if (!out_.empty())
    wait_writable();
}

void connection::wait_writable() {
  blocked_ = true;
  socket_.async_wait(tcp::socket::wait_write,
                     [this, mine = generation_](error_code error) {
                       if (mine != generation_ || is_closed())
                         return;
                       blocked_ = false;
                       if (!error)
                         flush();
                     });
}

} // namespace observer::loadgen
