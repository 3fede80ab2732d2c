#include "net/socketio/packet.hpp"

#include "net/socketio/digit.hpp"
#include "net/socketio/json.hpp"
#include "net/socketio/msgpack.hpp"
#include "net/socketio/plain_event.hpp"

#include <boost/json/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace observer::socketio {

namespace json = boost::json;

namespace {

using boost::system::error_code;
using boost::system::result;

constexpr std::array<std::string_view, 6> reserved_events{
  "connect",       "connect_error", "disconnect",
  "disconnecting", "newListener",   "removeListener"};

/// In MessagePack a payload stands in a map, beside type, namespace, id and the
/// options of npm's encoder, which have a few members.
constexpr std::size_t values_beside_payload = 16;

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

/// As `Number.isInteger`.
bool is_whole(const json::value& value) {
  const auto* number = value.if_double();
  return number != nullptr
           ? std::trunc(*number) == *number && std::isfinite(*number)
           : value.is_number();
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

/// Checks that no attachment is used twice, or is not there.
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

/// Whether the placeholders in `value` are those of `attachments` attachments,
/// each of them once.
bool uses_all(const json::value& value, std::size_t attachments) {
  std::vector<bool> used(attachments);
  return mark_placeholders(value, used)
         && std::find(used.begin(), used.end(), false) == used.end();
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
    return errc::too_many_arguments;
  if (const auto* text = name.if_string()) {
    if (text->size() > limits.event_name)
      return errc::long_event_name;
    if (is_reserved(*text))
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

/// Reads what stands beside the payload of a packet in MessagePack.
error_code read_head(const json::object& fields, packet& out) {
  const auto* type = fields.if_contains("type");
  auto number = type != nullptr ? as_integer(*type) : std::nullopt;
  if (!number || *number < 0 || *number > 4)
    return errc::unknown_type;
  out.type = static_cast<packet_type>('0' + *number);
  const auto* nsp = fields.if_contains("nsp");
  const auto* name = nsp != nullptr ? nsp->if_string() : nullptr;
  if (name == nullptr || !name->starts_with('/'))
    return errc::bad_namespace;
  out.nsp = *name;
  const auto* id = fields.if_contains("id");
  if (id == nullptr)
    return {};
  if (!is_whole(*id))
    return errc::bad_id;
  // As in JSON: one that JavaScript cannot hold is as good as none.
  auto value = as_integer(*id).value_or(-1);
  if (value >= 0 && static_cast<std::uint64_t>(value) <= max_ack_id)
    out.id = static_cast<std::uint64_t>(value);
  return {};
}

} // namespace

bool is_reserved(std::string_view event) {
  return std::find(reserved_events.begin(), reserved_events.end(), event)
         != reserved_events.end();
}

bool is_placeholder(const json::value& value) {
  const auto* object = value.if_object();
  if (object == nullptr)
    return false;
  const auto* mark = object->if_contains("_placeholder");
  return mark != nullptr && mark->is_bool() && mark->get_bool();
}

const std::string* find_attachment(const json::value& value,
                                   std::span<const std::string> attachments) {
  if (attachments.empty() || !is_placeholder(value))
    return nullptr;
  const auto* num = value.get_object().if_contains("num");
  auto index = num != nullptr ? as_integer(*num) : std::nullopt;
  return index && *index >= 0
             && static_cast<std::size_t>(*index) < attachments.size()
           ? &attachments[static_cast<std::size_t>(*index)]
           : nullptr;
}

bool decoder::decode_plain(std::string_view in, plain_event& out) const {
  return !pending_ && parser_ == parser::json
         && read_plain_event(in, limits_, out);
}

result<std::optional<packet>> decoder::decode_text(std::string_view in) {
  if (pending_ || parser_ != parser::json)
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
    attachments = take_number(in, max_ack_id).value_or(0);
    if (attachments == 0 || in.empty() || in.front() != '-')
      return errc::bad_attachments;
    if (attachments > limits_.attachments)
      return errc::too_many_attachments;
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
    auto data = parse_json(in, {limits_.depth, limits_.members});
    if (!data)
      return data.error().category() == category()
               ? data.error()
               : make_error_code(errc::bad_payload);
    out.data = std::move(*data);
    // A value takes a byte at least, so few texts need a count.
    if (in.size() > limits_.values && count_values(out.data) > limits_.values)
      return errc::too_many_values;
  }
  if (auto error = check_payload(out, present, limits_))
    return error;
  if (!binary)
    return std::optional{std::move(out)};
  if (!uses_all(out.data, attachments))
    return errc::bad_placeholder;
  pending_ = std::make_unique<incomplete>(
    incomplete{std::move(out), attachments, in.size(), 0});
  return std::optional<packet>{};
}

result<std::optional<packet>> decoder::decode_binary(std::string_view in) {
  if (parser_ == parser::msgpack)
    return decode_msgpack(in);
  if (!pending_)
    return errc::unexpected_binary;
  pending_->bytes += in.size();
  if (pending_->bytes > limits_.attachment_bytes)
    return errc::large_attachments;
  pending_->whole.attachments.emplace_back(in);
  if (--pending_->missing > 0)
    return std::optional<packet>{};
  auto complete = std::exchange(pending_, nullptr);
  return std::optional{std::move(complete->whole)};
}

result<std::optional<packet>>
decoder::decode_msgpack(std::string_view in) const {
  auto whole = limits_; // the map around the payload, with what is beside it
  whole.depth += 1;
  whole.values += values_beside_payload;
  auto unpacked = parse_msgpack(in, whole);
  if (!unpacked)
    return unpacked.error();
  auto* fields = unpacked->value.if_object();
  if (fields == nullptr)
    return errc::bad_payload;
  packet out;
  if (auto error = read_head(*fields, out))
    return error;
  auto* data = fields->if_contains("data");
  if (data != nullptr)
    out.data = std::move(*data);
  else if (out.type == packet_type::event)
    return errc::bad_payload;
  if (unpacked->values > limits_.values
      && count_values(out.data) > limits_.values)
    return errc::too_many_values;
  if (auto error = check_payload(out, data != nullptr, limits_))
    return error;
  out.attachments = std::move(unpacked->attachments);
  if (out.attachments.empty())
    return std::optional{std::move(out)};
  if (out.type != packet_type::event && out.type != packet_type::ack)
    return errc::bad_attachments;
  // What only looks like a placeholder cannot be told from one behind this.
  if (!uses_all(out.data, out.attachments.size()))
    return errc::bad_placeholder;
  return std::optional{std::move(out)};
}

} // namespace observer::socketio
