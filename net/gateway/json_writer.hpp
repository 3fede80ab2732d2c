#pragma once

#include "messages/ids.hpp"
#include "net/socketio/iso_time.hpp"
#include "net/socketio/json.hpp"

#include <concepts>
#include <string>
#include <string_view>

namespace observer::gateway {

/// Appends `at` as ISO 8601 in UTC: `"2026-01-31T09:15:00.123Z"`.
inline void append_time(std::string& out, timestamp at) {
  out.push_back('"');
  socketio::append_iso_time(out, at);
  out.push_back('"');
}

/// Appends one JSON object, member by member.
class object_writer {
public:
  explicit object_writer(std::string& out) : out_(out) {
  }

  object_writer(const object_writer&) = delete;
  object_writer& operator=(const object_writer&) = delete;

  ~object_writer() {
    out_ += empty_ ? "{}" : "}";
  }

  /// Begins a member whose value the caller appends to the result.
  /// @param name holds nothing that JSON would escape.
  std::string& raw(std::string_view name) {
    out_ += empty_ ? "{\"" : ",\"";
    empty_ = false;
    out_ += name;
    out_ += "\":";
    return out_;
  }

  void add(std::string_view name, std::string_view value) {
    socketio::append_json_string(raw(name), value);
  }

  void add(std::string_view name, const char* value) {
    add(name, std::string_view{value});
  }

  void add(std::string_view name, std::same_as<bool> auto value) {
    raw(name) += value ? "true" : "false";
  }

  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void add(std::string_view name, T value) {
    raw(name) += std::to_string(value);
  }

  void add(std::string_view name, room_id value) {
    add(name, to_number(value));
  }

  void add(std::string_view name, user_id value) {
    add(name, to_number(value));
  }

  void add(std::string_view name, timestamp value) {
    append_time(raw(name), value);
  }

private:
  std::string& out_;
  bool empty_ = true;
};

/// Appends a JSON array; `append(out, element)` writes one element.
template <class Range, class Append>
void append_array(std::string& out, const Range& elements, Append append) {
  char separator = '[';
  for (auto& element : elements) {
    out.push_back(separator);
    append(out, element);
    separator = ',';
  }
  out += separator == '[' ? "[]" : "]";
}

} // namespace observer::gateway
