#include "tools/loadgen/wire.hpp"

#include "net/socketio/encoding.hpp"
#include "net/socketio/json.hpp"
#include "net/socketio/packet.hpp"

#include <charconv>

namespace observer::loadgen {

namespace {

/// The number behind `"key":`.
template <class T>
std::optional<T> number_at(std::string_view packet, std::string_view key) {
  auto at = packet.find(key);
  if (at == std::string_view::npos)
    return {};
  T result{};
  const auto* begin = packet.data() + at + key.size();
  const auto* end = packet.data() + packet.size();
  if (std::from_chars(begin, end, result).ec != std::errc{})
    return {};
  return result;
}

std::optional<socketio::packet> decode(std::string_view packet) {
  const socketio::packet_limits limits;
  socketio::decoder decoder{limits};
  auto result = decoder.decode_text(packet);
  return result ? std::move(*result) : std::nullopt;
}

} // namespace

std::string_view event_name(std::string_view packet) {
  constexpr std::string_view begin = "2[\"";
  if (!packet.starts_with(begin))
    return {};
  packet.remove_prefix(begin.size());
  auto end = packet.find('"');
  return end == std::string_view::npos ? std::string_view{}
                                       : packet.substr(0, end);
}

std::optional<heard_message> scan_message(std::string_view packet) {
  auto mark = packet.find(stamp_mark);
  if (mark == std::string_view::npos)
    return {};
  auto text = read_stamp(packet.substr(mark));
  auto room_id = number_at<std::int64_t>(packet, "\"room_id\":");
  if (!text || !room_id)
    return {};
  auto seq = number_at<std::uint64_t>(packet, "\"seq\":");
  return heard_message{*room_id, seq.value_or(0), *text};
}

bool confirms(std::string_view packet, const heard_message& scanned) {
  auto decoded = decode(packet);
  if (!decoded || decoded->type != socketio::packet_type::event)
    return false;
  const auto* event = decoded->data.if_array();
  if (event == nullptr || event->size() != 2)
    return false;
  const auto* fields = event->at(1).if_object();
  if (fields == nullptr)
    return false;
  const auto* room = fields->if_contains("room_id");
  const auto* text = fields->if_contains("text");
  return room != nullptr && room->is_int64()
         && room->get_int64() == scanned.room_id && text != nullptr
         && text->is_string()
         && read_stamp(text->get_string()) == scanned.stamp;
}

std::optional<heard_ack> scan_ack(std::string_view packet) {
  if (!packet.starts_with('3'))
    return {};
  heard_ack result;
  const auto* end = packet.data() + packet.size();
  auto [stop, bad] = std::from_chars(packet.data() + 1, end, result.id);
  if (bad != std::errc{} || stop == end || *stop != '[')
    return {};
  std::string_view arguments{stop, end};
  result.ok = arguments.find("\"ok\":false") == std::string_view::npos;
  return result;
}

boost::json::object decode_ack(std::string_view packet) {
  auto decoded = decode(packet);
  if (!decoded)
    return {};
  const auto* arguments = decoded->data.if_array();
  if (arguments == nullptr || arguments->empty()
      || !arguments->front().is_object())
    return {};
  return arguments->front().get_object();
}

void append_event(std::string& out, std::string_view name,
                  std::string_view argument, std::optional<std::uint64_t> ack) {
  socketio::append_head(out, socketio::packet_type::event, "/", 0, ack);
  out += '[';
  socketio::append_json_string(out, name);
  out += ',';
  out += argument;
  out += ']';
}

void append_message(std::string& out, std::int64_t room_id, const stamp& x,
                    std::string_view padding,
                    std::optional<std::uint64_t> ack) {
  socketio::append_head(out, socketio::packet_type::event, "/", 0, ack);
  out += R"(["message",{"room_id":)";
  out += std::to_string(room_id);
  out += R"(,"text":")";
  append_stamp(out, x);
  out += padding;
  out += "\"}]";
}

} // namespace observer::loadgen
