#include "net/socketio/session.hpp"

#include "net/socketio/encoding.hpp"
#include "net/socketio/json.hpp"

#include <utility>

namespace observer::socketio {

namespace {

constexpr std::string_view root = "/";

/// The parser of a client that has said nothing yet.
parser first_guess(const session_options& options, protocol version) {
  return version == protocol::v4 || options.parsers.json ? parser::json
                                                         : parser::msgpack;
}

} // namespace

session::session(const session_options& options, protocol version,
                 session_effects& effects, time_point now)
  : options_(options),
    effects_(effects),
    decoder_(options.packets, first_guess(options, version)),
    connect_due_(now + options.connect_timeout),
    version_(version) {
  auto& allowed = options.parsers;
  met_ = version == protocol::v4 || !allowed.json || !allowed.msgpack;
}

/// Packets in JSON begin with a text, those in MessagePack are binary: so the
/// first message of a connection tells which parser its client has.
void session::meet(socketio::parser of_first_message) {
  if (!std::exchange(met_, true))
    decoder_.expect(of_first_message);
}

void session::on_open() {
  if (version_ != protocol::v4)
    return;
  packet in;
  in.type = packet_type::connect;
  on_connect(in);
}

void session::on_text(std::string_view data) {
  if (plain_event event; in_root_ && effects_.takes_plain_events()
                         && decoder_.decode_plain(data, event)
                         && effects_.received_plain(event))
    return;
  meet(parser::json);
  auto in = decoder_.decode_text(data);
  if (!in)
    effects_.fail(in.error());
  else if (*in)
    on_packet(**in);
}

void session::on_binary(std::string_view data) {
  meet(parser::msgpack);
  auto in = decoder_.decode_binary(data);
  if (!in)
    effects_.fail(in.error());
  else if (*in)
    on_packet(**in);
}

std::optional<time_point> session::deadline() const {
  return entered_ ? std::nullopt : std::optional{connect_due_};
}

void session::on_time(time_point now) {
  if (!entered_ && now >= connect_due_)
    effects_.fail(errc::connect_timeout);
}

void session::on_packet(packet& in) {
  if (in.type == packet_type::connect)
    return on_connect(in);
  auto i = namespaces_.find(in.nsp);
  if (i == namespaces_.end() || i->second != entry::connected) {
    // What was on its way when a namespace was left is nobody's fault.
    if (!entered_)
      effects_.fail(errc::not_connected);
    return;
  }
  switch (in.type) {
    case packet_type::disconnect:
      erase(i);
      effects_.disconnected(in.nsp);
      break;
    case packet_type::event: {
      if (!in.data.is_array())
        break; // no payload at all
      auto& arguments = in.data.get_array();
      std::string number;
      if (!arguments.front().is_string())
        append_json(number, arguments.front());
      std::string_view name = number;
      if (const auto* text = arguments.front().if_string())
        name = *text;
      effects_.received({in.nsp, name, in.id, arguments, in.attachments});
      break;
    }
    case packet_type::ack:
      if (in.id)
        effects_.acknowledged(in.nsp, *in.id, in.data.get_array(),
                              in.attachments);
      break;
    default: // the decoder lets nothing else through
      break;
  }
}

void session::on_connect(packet& in) {
  // A query behind the name is no part of it (clients of version 2 sent one).
  auto nsp = in.nsp.substr(0, in.nsp.find('?'));
  if (namespaces_.contains(nsp))
    return effects_.fail(errc::connected_already);
  if (namespaces_.size() >= options_.namespaces)
    return effects_.fail(errc::too_many_namespaces);
  namespaces_.emplace(nsp, entry::asked);
  boost::json::object auth;
  if (auto* object = in.data.if_object())
    auth = std::move(*object);
  effects_.connecting(nsp, std::move(auth));
}

void session::accept(std::string_view nsp, std::string_view sid,
                     std::string_view pid) {
  auto i = namespaces_.find(nsp);
  if (i == namespaces_.end() || i->second != entry::asked)
    return;
  i->second = entry::connected;
  entered_ = true;
  in_root_ = in_root_ || nsp == root;
  boost::json::value said;
  if (version_ == protocol::v5) {
    auto& fields = said.emplace_object();
    fields.emplace("sid", sid);
    if (!pid.empty())
      fields.emplace("pid", pid);
  }
  effects_.send(encode(parser(), packet_type::connect, nsp, said));
}

void session::refuse(std::string_view nsp, std::string_view message,
                     const boost::json::value& data) {
  auto i = namespaces_.find(nsp);
  if (i == namespaces_.end())
    return;
  boost::json::value said(message); // braces would make a list of it
  if (version_ == protocol::v5) {
    auto& fields = said.emplace_object();
    fields.emplace("message", message);
    if (!data.is_null())
      fields.emplace("data", data);
  }
  auto packet = encode(parser(), packet_type::connect_error, nsp, said);
  erase(i); // `nsp` may be the name in it
  effects_.send(packet);
}

void session::disconnect(std::string_view nsp) {
  auto i = namespaces_.find(nsp);
  if (i == namespaces_.end())
    return;
  auto packet = encode(parser(), packet_type::disconnect, nsp);
  erase(i);
  effects_.send(packet);
}

void session::erase(namespaces::iterator which) {
  in_root_ = in_root_ && which->first != root;
  namespaces_.erase(which);
}

bool session::is_connected(std::string_view nsp) const {
  auto i = namespaces_.find(nsp);
  return i != namespaces_.end() && i->second == entry::connected;
}

} // namespace observer::socketio
