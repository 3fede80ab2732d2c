#include "net/gateway/field_reader.hpp"

#include "messages/names.hpp"
#include "net/gateway/json_writer.hpp"
#include "net/socketio/json.hpp"
#include "net/socketio/packet.hpp"

#include <algorithm>

namespace observer::gateway {

namespace json = boost::json;

namespace {

/// Moves the binary values under `value` to `out`, and numbers their
/// placeholders anew.
void take_attachments(json::value& value, std::vector<std::string>& from,
                      payload& out) {
  if (auto* array = value.if_array()) {
    for (auto& element : *array)
      take_attachments(element, from, out);
  } else if (socketio::is_placeholder(value)) {
    if (from.empty()) { // a packet without attachments: it only looks like one
      out.imitates_placeholder = true;
      return;
    }
    auto& num = value.get_object()["num"];
    auto index = static_cast<std::size_t>(num.get_int64());
    num = out.attachments.size();
    out.attachments.push_back(std::move(from[index]));
  } else if (auto* object = value.if_object()) {
    for (auto& member : *object)
      take_attachments(member.value(), from, out);
  }
}

/// Appends a plain value as JSON.
struct plain_writer {
  std::string& out;

  void operator()(std::nullptr_t) const {
    out += "null";
  }

  void operator()(bool x) const {
    out += x ? "true" : "false";
  }

  void operator()(std::int64_t x) const {
    append_number(out, x);
  }

  void operator()(std::string_view x) const {
    socketio::append_json_string(out, x);
  }
};

} // namespace

std::optional<field_reader::field_value>
field_reader::look_up(std::string_view field) const {
  if (object_ == nullptr) {
    auto i = std::find_if(plain_.rbegin(), plain_.rend(),
                          [&](auto& x) { return x.name == field; });
    if (i == plain_.rend())
      return std::nullopt;
    return field_value{i->value};
  }
  auto* value = object_->if_contains(field);
  if (value == nullptr)
    return std::nullopt;
  if (const auto* text = value->if_string())
    return field_value{std::string_view{*text}};
  if (const auto* number = value->if_int64())
    return field_value{*number};
  if (const auto* flag = value->if_bool())
    return field_value{*flag};
  if (value->is_null())
    return field_value{nullptr};
  return field_value{nullptr, value};
}

/// A field that is null is as good as none.
std::optional<field_reader::field_value>
field_reader::find(std::string_view field) const {
  auto result = look_up(field);
  return result && !result->is_null() ? result : std::nullopt;
}

bool field_reader::is_null(std::string_view field) const {
  auto value = look_up(field);
  return value && value->is_null();
}

void field_reader::refuse(std::string_view field, std::string_view why) {
  if (fault_)
    return;
  std::string message{field};
  message += ": ";
  message += why;
  fault_ = failure{errc::bad_request, std::move(message)};
}

void field_reader::refuse_length(std::string_view field, std::size_t max,
                                 std::string_view unit, counter met) {
  std::string why = "must not be longer than " + std::to_string(max) + ' ';
  why += unit;
  refuse(field, why);
  if (met != nullptr)
    ++(met_.*met);
}

// -- names and texts ----------------------------------------------------------

std::string field_reader::name(std::string_view field, std::size_t max,
                               counter met) {
  auto result = optional_name(field, max, met);
  if (!result)
    refuse(field, "is missing");
  return result.value_or("");
}

std::optional<std::string> field_reader::optional_name(std::string_view field,
                                                       std::size_t max,
                                                       counter met) {
  auto string = find_string(field, 0);
  if (!string)
    return std::nullopt;
  auto trimmed = trim_blanks(*string);
  if (trimmed.empty())
    refuse(field, "must not be empty");
  else if (count_code_points(trimmed) > max)
    refuse_length(field, max, "characters", met);
  else if (!is_printable(trimmed))
    refuse(field, "must not hold control or format characters");
  else if (!is_visible(trimmed))
    refuse(field, "must hold something that can be seen");
  return std::string{trimmed};
}

std::string field_reader::text(std::string_view field, std::size_t min,
                               std::size_t max, counter met) {
  auto string = find_string(field, min);
  if (!string)
    refuse(field, "is missing"); // unless it is refused already
  else if (string->size() > max)
    refuse_length(field, max, "bytes", met);
  else
    return std::string{*string};
  return {};
}

std::optional<std::string> field_reader::optional_string(std::string_view field,
                                                         std::size_t min,
                                                         std::size_t max) {
  auto string = find_string(field, min);
  if (!string)
    return std::nullopt;
  // So many bytes are at most so many code points.
  if (string->size() <= max || count_code_points(*string) <= max)
    return std::string{*string};
  refuse_length(field, max, "characters", nullptr);
  return std::nullopt;
}

std::string field_reader::word(std::string_view field, std::size_t max) {
  auto result = optional_string(field, 1, max);
  if (!result)
    refuse(field, "is missing"); // unless it is refused already
  else if (!is_printable(*result) || has_blanks(*result))
    refuse(field, "must be one word");
  return std::move(result).value_or("");
}

std::optional<std::string_view>
field_reader::find_string(std::string_view field, std::size_t min) {
  auto value = find(field);
  if (!value)
    return std::nullopt;
  const auto* string = value->as<std::string_view>();
  if (string == nullptr)
    refuse(field, "must be a string");
  else if (string->size() < min)
    refuse(field, "must not be empty");
  else
    return *string;
  return std::nullopt;
}

// -- numbers and flags --------------------------------------------------------

std::int64_t field_reader::number(std::string_view field, std::int64_t min,
                                  std::int64_t max) {
  auto result = optional_number(field, min, max);
  if (!result)
    refuse(field, "is missing");
  return result.value_or(min);
}

std::optional<std::int64_t>
field_reader::optional_number(std::string_view field, std::int64_t min,
                              std::int64_t max) {
  auto value = find(field);
  if (!value)
    return std::nullopt;
  std::optional<std::int64_t> number;
  if (const auto* whole = value->as<std::int64_t>())
    number = *whole;
  else if (value->other != nullptr) // 5.0 is whole as well
    number = socketio::as_integer(*value->other);
  if (!number) {
    refuse(field, "must be a whole number");
    return std::nullopt;
  }
  if (*number < min)
    refuse(field, "must not be less than " + std::to_string(min));
  else if (*number > max)
    refuse(field, "must not be more than " + std::to_string(max));
  return number;
}

bool field_reader::flag(std::string_view field) {
  auto result = optional_flag(field);
  if (!result)
    refuse(field, "is missing");
  return result.value_or(false);
}

std::optional<bool> field_reader::optional_flag(std::string_view field) {
  auto value = find(field);
  if (!value)
    return std::nullopt;
  const auto* flag = value->as<bool>();
  if (flag == nullptr) {
    refuse(field, "must be true or false");
    return std::nullopt;
  }
  return *flag;
}

// -- ids ----------------------------------------------------------------------

room_id field_reader::room() {
  return room_id{number("room_id", 0, max_id)};
}

std::optional<room_id> field_reader::optional_room() {
  auto result = optional_number("room_id", 0, max_id);
  return result ? std::optional{room_id{*result}} : std::nullopt;
}

user_id field_reader::user(std::string_view field) {
  return user_id{number(field, 0, max_id)};
}

std::optional<user_id> field_reader::optional_user(std::string_view field) {
  auto result = optional_number(field, 0, max_id);
  return result ? std::optional{user_id{*result}} : std::nullopt;
}

// -- values -------------------------------------------------------------------

payload_ptr field_reader::value(std::string_view field) {
  auto value = look_up(field);
  if (!value)
    return nullptr;
  auto result = std::make_shared<payload>();
  if (value->other != nullptr) {
    take_attachments(*value->other, *attachments_, *result);
    socketio::append_json(result->json, *value->other);
  } else {
    std::visit(plain_writer{result->json}, value->plain);
  }
  return result;
}

} // namespace observer::gateway
