#include "net/socketio/packet.hpp"

#include "net/socketio/json.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace observer::socketio {

namespace json = boost::json;

namespace {

using boost::system::error_code;
using boost::system::result;

/// Events that clients emit to themselves: a peer must not fake them.
constexpr std::array<std::string_view, 6> reserved_events{
  "connect",       "connect_error", "disconnect",
  "disconnecting", "newListener",   "removeListener"};

/// Consumes the decimal number at the front of `in`; nothing if there is none,
/// or one beyond `max`.
std::optional<std::uint64_t> take_number(std::string_view& in,
                                         std::uint64_t max) {
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(in.data(), in.data() + in.size(), value);
  in.remove_prefix(static_cast<std::size_t>(end - in.data()));
  if (error != std::errc{} || value > max)
    return std::nullopt;
  return value;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t count_values(const json::value& value) {
  std::size_t result = 1;
  if (const auto* array = value.if_array())
    for (auto& element : *array)
      result += count_values(element);
  else if (const auto* object = value.if_object())
    for (auto& [key, element] : *object)
      result += count_values(element);
  return result;
}

/// Checks that each attachment is used exactly once.
bool mark_placeholders(const json::value& value, std::vector<bool>& used) {
  if (const auto* array = value.if_array()) {
    return std::all_of(array->begin(), array->end(), [&](auto& element) {
      return mark_placeholders(element, used);
    });
  }
  const auto* object = value.if_object();
  if (object == nullptr)
    return true;
  if (is_placeholder(value)) {
    const auto* num = object->if_contains("num");
    const auto* index = num != nullptr ? num->if_int64() : nullptr;
    if (index == nullptr || *index < 0
        || static_cast<std::size_t>(*index) >= used.size()
        || used[static_cast<std::size_t>(*index)])
      return false;
    used[static_cast<std::size_t>(*index)] = true;
    return true;
  }
  return std::all_of(object->begin(), object->end(), [&](auto& member) {
    return mark_placeholders(member.value(), used);
  });
}

/// An event without payload is no error, only nothing.
error_code check_event(const json::value& data, const packet_limits& limits) {
  const auto* array = data.if_array();
  if (array == nullptr || array->empty())
    return errc::bad_payload;
  auto& name = array->front();
  if (!name.is_string() && !name.is_number())
    return errc::bad_payload;
  if (array->size() > limits.arguments + 1)
    return errc::too_much_data;
  if (const auto* text = name.if_string()) {
    if (text->size() > limits.event_name)
      return errc::too_much_data;
    auto is_name = [&](std::string_view x) {
      return x == std::string_view{*text};
    };
    if (std::any_of(reserved_events.begin(), reserved_events.end(), is_name))
      return errc::reserved_event;
  }
  return {};
}

error_code check_payload(const packet& in, bool present,
                         const packet_limits& limits) {
  switch (in.type) {
    case packet_type::connect:
      return !present || in.data.is_object()
               ? error_code{}
               : make_error_code(errc::bad_payload);
    case packet_type::disconnect:
      return present ? make_error_code(errc::bad_payload) : error_code{};
    case packet_type::event:
      return present ? check_event(in.data, limits) : error_code{};
    case packet_type::ack:
      return in.data.is_array() ? error_code{}
                                : make_error_code(errc::bad_payload);
    default: // CONNECT_ERROR is the server's word
      return errc::unknown_type;
  }
}

} // namespace

bool is_placeholder(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr)
    return false;
  const auto* mark = object->if_contains("_placeholder");
  return mark != nullptr && mark->is_bool() && mark->get_bool();
}

result<std::optional<packet>> decoder::decode_text(std::string_view in) {
  if (pending_)
    return errc::unexpected_text;
  if (in.empty())
    return errc::empty_packet;
  if (in.front() < '0' || in.front() > '6')
    return errc::unknown_type;
  packet out;
  out.type = static_cast<packet_type>(in.front());
  in.remove_prefix(1);
  std::uint64_t attachments = 0;
  auto binary = out.type == packet_type::binary_event
                || out.type == packet_type::binary_ack;
  if (binary) {
    attachments = take_number(in, limits_.attachments).value_or(0);
    if (attachments == 0 || in.empty() || in.front() != '-')
      return errc::bad_attachments;
    in.remove_prefix(1);
    out.type = out.type == packet_type::binary_event ? packet_type::event
                                                     : packet_type::ack;
  }
  if (!in.empty() && in.front() == '/') {
    auto end = in.find(',');
    out.nsp = in.substr(0, end);
    in.remove_prefix(end == std::string_view::npos ? in.size() : end + 1);
  }
  // An id that JavaScript cannot hold is as good as none.
  if (!in.empty() && is_digit(in.front()))
    out.id = take_number(in, max_ack_id);
  auto present = !in.empty();
  if (present) {
    auto data = parse_json(in, limits_.depth);
    if (!data)
      return errc::bad_payload;
    out.data = std::move(*data);
    // Behind each of these stands one value at most, so few texts need a count.
    auto marks = std::count_if(in.begin(), in.end(), [](char c) {
      return c == ',' || c == '[' || c == '{';
    });
    if (static_cast<std::size_t>(marks) >= limits_.values
        && count_values(out.data) > limits_.values)
      return errc::too_much_data;
  }
  if (auto error = check_payload(out, present, limits_))
    return error;
  if (!binary)
    return std::optional{std::move(out)};
  std::vector<bool> used(attachments);
  if (!mark_placeholders(out.data, used)
      || std::find(used.begin(), used.end(), false) != used.end())
    return errc::bad_placeholder;
  pending_ = std::move(out);
  missing_ = attachments;
  bytes_ = 0;
  return std::optional<packet>{};
}

result<std::optional<packet>> decoder::decode_binary(std::string_view in) {
  if (!pending_)
    return errc::unexpected_binary;
  bytes_ += in.size();
  if (bytes_ > limits_.attachment_bytes)
    return errc::too_much_data;
  pending_->attachments.emplace_back(in);
  if (--missing_ > 0)
    return std::optional<packet>{};
  auto out = std::move(pending_);
  pending_.reset();
  return out;
}

// -- encoding -----------------------------------------------------------------

void append_head(std::string& out, packet_type type, std::string_view nsp,
                 std::size_t attachments, std::optional<std::uint64_t> id) {
  if (attachments > 0) {
    type = type == packet_type::event ? packet_type::binary_event
                                      : packet_type::binary_ack;
    out.push_back(static_cast<char>(type));
    out += std::to_string(attachments);
    out.push_back('-');
  } else {
    out.push_back(static_cast<char>(type));
  }
  if (nsp != "/") {
    out += nsp;
    out.push_back(',');
  }
  if (id)
    out += std::to_string(*id);
}

void append_connect(std::string& out, std::string_view nsp,
                    std::string_view sid, std::string_view pid) {
  append_head(out, packet_type::connect, nsp);
  out += "{\"sid\":";
  append_json_string(out, sid);
  if (!pid.empty()) {
    out += ",\"pid\":";
    append_json_string(out, pid);
  }
  out.push_back('}');
}

void append_connect_v4(std::string& out, std::string_view nsp) {
  append_head(out, packet_type::connect, nsp);
}

void append_connect_error(std::string& out, std::string_view nsp,
                          std::string_view message, const json::value& data) {
  append_head(out, packet_type::connect_error, nsp);
  out += "{\"message\":";
  append_json_string(out, message);
  if (!data.is_null()) {
    out += ",\"data\":";
    append_json(out, data);
  }
  out.push_back('}');
}

void append_error_v4(std::string& out, std::string_view nsp,
                     std::string_view message) {
  append_head(out, packet_type::connect_error, nsp);
  append_json_string(out, message);
}

void append_disconnect(std::string& out, std::string_view nsp) {
  append_head(out, packet_type::disconnect, nsp);
}

} // namespace observer::socketio
