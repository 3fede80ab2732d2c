#pragma once

#include "messages/failure.hpp"
#include "messages/ids.hpp"
#include "messages/limit_counts.hpp"
#include "messages/model.hpp"
#include "net/socketio/plain_event.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace observer::gateway {

/// Reads the fields of a request. The first field that does not fit is
/// remembered as the reason to refuse the whole.
class field_reader {
public:
  /// The member of `limit_counts` that counts what is too long, if one does.
  using counter = limit_counts::counter limit_counts::*;

  /// @param attachments what the placeholders in `fields` stand for.
  field_reader(boost::json::object& fields,
               std::vector<std::string>& attachments, limit_counts& met)
    : object_(&fields),
      attachments_(&attachments),
      met_(met) {
  }

  /// @param fields must stay, and so must the packet that they speak of
  field_reader(std::span<const socketio::plain_field> fields, limit_counts& met)
    : plain_(fields),
      met_(met) {
  }

  /// Why the request is refused; nothing if all fields fit so far.
  [[nodiscard]] const std::optional<failure>& fault() const noexcept {
    return fault_;
  }

  /// A name: trimmed, 1 to `max` code points, printable, and to be seen.
  [[nodiscard]] std::string name(std::string_view field, std::size_t max,
                                 counter met = nullptr);
  [[nodiscard]] std::optional<std::string>
  optional_name(std::string_view field, std::size_t max, counter met = nullptr);

  /// Text of `min` to `max` bytes.
  [[nodiscard]] std::string text(std::string_view field, std::size_t min,
                                 std::size_t max, counter met = nullptr);

  /// A string of `min` to `max` code points.
  [[nodiscard]] std::optional<std::string>
  optional_string(std::string_view field, std::size_t min, std::size_t max);

  /// A word of 1 to `max` code points: printable, without blanks.
  [[nodiscard]] std::string word(std::string_view field, std::size_t max);

  /// A whole number in a range.
  [[nodiscard]] std::int64_t number(std::string_view field, std::int64_t min,
                                    std::int64_t max);
  [[nodiscard]] std::optional<std::int64_t>
  optional_number(std::string_view field, std::int64_t min, std::int64_t max);

  [[nodiscard]] bool flag(std::string_view field);
  [[nodiscard]] std::optional<bool> optional_flag(std::string_view field);

  [[nodiscard]] room_id room();
  [[nodiscard]] std::optional<room_id> optional_room();
  [[nodiscard]] user_id user(std::string_view field);
  [[nodiscard]] std::optional<user_id> optional_user(std::string_view field);

  /// Any JSON value, with its binary values; null if the field is not there.
  [[nodiscard]] payload_ptr value(std::string_view field);

  /// Whether the field is there and `null`.
  [[nodiscard]] bool is_null(std::string_view field) const;

  /// Refuses the request, unless it is refused already.
  void refuse(std::string_view field, std::string_view why);

private:
  /// A field's value. One that is not plain stands in the object.
  struct field_value {
    socketio::plain_value plain;
    boost::json::value* other = nullptr;

    [[nodiscard]] bool is_null() const {
      return other == nullptr && std::holds_alternative<std::nullptr_t>(plain);
    }

    /// Null if it is another type of value.
    template <class T>
    [[nodiscard]] const T* as() const {
      return other == nullptr ? std::get_if<T>(&plain) : nullptr;
    }
  };

  [[nodiscard]] std::optional<field_value>
  look_up(std::string_view field) const;
  [[nodiscard]] std::optional<field_value> find(std::string_view field) const;
  /// A string of at least `min` bytes; nothing, with a fault or without one, if
  /// there is none.
  [[nodiscard]] std::optional<std::string_view>
  find_string(std::string_view field, std::size_t min);
  void refuse_length(std::string_view field, std::size_t max,
                     std::string_view unit, counter met);

  // Where the fields are: in an object, or else in a row.
  boost::json::object* object_ = nullptr;
  std::vector<std::string>* attachments_ = nullptr;
  std::span<const socketio::plain_field> plain_;
  limit_counts& met_;
  std::optional<failure> fault_;
};

} // namespace observer::gateway
