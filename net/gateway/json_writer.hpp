#pragma once

#include "messages/ids.hpp"
#include "net/socketio/iso_time.hpp"
#include "net/socketio/json.hpp"

#include <array>
#include <charconv>
#include <concepts>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace observer::gateway {

/// Appends a whole number.
void append_number(std::string& out, std::integral auto value) {
  std::array<char, std::numeric_limits<decltype(value)>::digits10 + 2> digits;
  auto [end, error] = std::to_chars(digits.data(),
                                    digits.data() + digits.size(), value);
  out.append(digits.data(), end);
}

/// Appends the id of a message as a JSON text: `"1000-17"`.
inline void append_message_id(std::string& out, room_id room, sequence seq) {
  out.push_back('"');
  append_number(out, to_number(room));
  out.push_back('-');
  append_number(out, seq);
  out.push_back('"');
}

/// Appends `at` as ISO 8601 in UTC: `"2026-01-31T09:15:00.123Z"`.
inline void append_time(std::string& out, timestamp at) {
  out.push_back('"');
  socketio::append_iso_time(out, at);
  out.push_back('"');
}

/// The name of a member as it stands before the value: `,"name":`. Names are
/// the better part of an event: each is put together by the compiler.
class member_name {
public:
  /// @param name is a literal; one that JSON would escape does not compile.
  template <std::size_t Size>
  consteval member_name(const char (&name)[Size]) : size_(Size + 3) {
    static_assert(Size + 3 <= sizeof text_);
    auto* to = text_.data();
    *to++ = ',';
    *to++ = '"';
    for (char c : std::string_view{name, Size - 1}) {
      if (c < ' ' || c == '"' || c == '\\' || c == '\x7F')
        throw "not a name that stands for itself";
      *to++ = c;
    }
    *to++ = '"';
    *to++ = ':';
  }

  [[nodiscard]] std::string_view text() const noexcept {
    return {text_.data(), size_};
  }

private:
  std::array<char, 24> text_{};
  std::size_t size_;
};

/// Appends one JSON object, member by member.
class object_writer {
public:
  explicit object_writer(std::string& out) : out_(out) {
  }

  object_writer(const object_writer&) = delete;
  object_writer& operator=(const object_writer&) = delete;

  ~object_writer() {
    out_ += separator_ == '{' ? "{}" : "}";
  }

  /// Begins a member whose value the caller appends to the result.
  std::string& raw(const member_name& name) {
    auto at = out_.size();
    out_.append(name.text());
    out_[at] = std::exchange(separator_, ',');
    return out_;
  }

  /// As `raw`, for a name that is known only now.
  std::string& raw_named(std::string_view name) {
    out_.push_back(std::exchange(separator_, ','));
    socketio::append_json_string(out_, name);
    out_.push_back(':');
    return out_;
  }

  void add(const member_name& name, std::string_view value) {
    socketio::append_json_string(raw(name), value);
  }

  void add(const member_name& name, const char* value) {
    add(name, std::string_view{value});
  }

  void add(const member_name& name, std::same_as<bool> auto value) {
    raw(name) += value ? "true" : "false";
  }

  template <std::integral T>
    requires(!std::same_as<T, bool>)
  void add(const member_name& name, T value) {
    append_number(raw(name), value);
  }

  void add(const member_name& name, room_id value) {
    add(name, to_number(value));
  }

  void add(const member_name& name, user_id value) {
    add(name, to_number(value));
  }

  void add(const member_name& name, timestamp value) {
    append_time(raw(name), value);
  }

private:
  std::string& out_;
  char separator_ = '{'; ///< before the next member
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
