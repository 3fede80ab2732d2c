#include "net/socketio/msgpack.hpp"

#include "net/socketio/iso_time.hpp"
#include "net/socketio/utf8.hpp"

#include <boost/json/value_stack.hpp>

#include <chrono>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace observer::socketio {

namespace json = boost::json;

namespace {

/// Members stay in order.
using packed = nlohmann::ordered_json;

/// Goes over bytes by moving a position that others see.
class position_iterator {
public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  explicit position_iterator(const char*& position) : position_(&position) {
  }

  reference operator*() const {
    return **position_;
  }

  position_iterator& operator++() {
    ++*position_;
    return *this;
  }

  bool operator==(const position_iterator& other) const {
    return *position_ == *other.position_;
  }

private:
  const char** position_;
};

/// The text that JSON has for a JavaScript date, which is milliseconds since
/// 1970, big-endian. Nothing beyond the years of four digits.
std::optional<std::string> date_text(const std::vector<std::uint8_t>& bytes) {
  using namespace std::chrono;
  constexpr sys_time<milliseconds> first{sys_days{year{0} / 1 / 1}};
  constexpr sys_time<milliseconds> end{sys_days{year{10'000} / 1 / 1}};
  std::uint64_t number = 0;
  for (auto byte : bytes)
    number = number << 8 | byte;
  sys_time<milliseconds> at{milliseconds{static_cast<std::int64_t>(number)}};
  if (at < first || at >= end)
    return std::nullopt;
  std::string result;
  append_iso_time(result, at);
  return result;
}

/// Builds our value from what nlohmann's reader finds: its SAX interface.
class value_builder {
public:
  /// @param position where the reader is, behind what it has found
  value_builder(const packet_limits& limits, const char* const& position)
    : limits_(limits),
      position_(position) {
    stack_.reset();
  }

  [[nodiscard]] errc error() const noexcept {
    return error_;
  }

  [[nodiscard]] unpacked release() {
    return {stack_.release(), std::move(attachments_), values_};
  }

  // -- called by the reader; false ends it ------------------------------------

  bool null() {
    return add([&] { stack_.push_null(); });
  }

  bool boolean(bool value) {
    return add([&] { stack_.push_bool(value); });
  }

  bool number_integer(std::int64_t value) {
    return add([&] { stack_.push_int64(value); });
  }

  /// As in JSON: what can be signed is.
  bool number_unsigned(std::uint64_t value) {
    if (value <= std::numeric_limits<std::int64_t>::max())
      return number_integer(static_cast<std::int64_t>(value));
    return add([&] { stack_.push_uint64(value); });
  }

  bool number_float(double value, const std::string&) {
    return add([&] { stack_.push_double(value); });
  }

  bool string(const std::string& value) {
    return is_wtf8(value) && add([&] { stack_.push_string(value); });
  }

  bool binary(const packed::binary_t& value) {
    if (!value.has_subtype())
      return attach(value);
    // notepack.io has type 0 for all that it adds: what is undefined and dates
    // have a fixed size, and an ArrayBuffer never has.
    if (value.subtype() != 0)
      return false;
    if (is_fixext(value, 1))
      return undefined();
    if (is_fixext(value, 8)) {
      auto text = date_text(value);
      return text ? string(*text) : null();
    }
    return attach(value);
  }

  /// Undefined members count as well: they are looked at before they are left
  /// out.
  bool start_object(std::size_t size) {
    return size > limits_.members ? fail(errc::too_many_members)
                                  : begin_container(size);
  }

  bool key(std::string& name) {
    if (!is_wtf8(name))
      return false;
    key_ = std::move(name);
    return true;
  }

  bool end_object() {
    stack_.push_object(sizes_.back());
    sizes_.pop_back();
    return true;
  }

  bool start_array(std::size_t size) {
    return begin_container(size);
  }

  bool end_array() {
    stack_.push_array(sizes_.back());
    sizes_.pop_back();
    return true;
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception&) {
    return false;
  }

private:
  bool fail(errc why) {
    error_ = why;
    return false;
  }

  /// Every value but undefined members begins so.
  bool begin_value() {
    if (++values_ > limits_.values)
      return fail(errc::too_many_values);
    if (key_)
      stack_.push_key(*std::exchange(key_, std::nullopt));
    if (!sizes_.empty())
      ++sizes_.back();
    return true;
  }

  bool add(auto push) {
    if (!begin_value())
      return false;
    push();
    return true;
  }

  /// `size` is what the peer says: nothing is set aside for it.
  bool begin_container(std::size_t size) {
    if (sizes_.size() >= limits_.depth)
      return fail(errc::too_deep);
    if (size > limits_.values)
      return fail(errc::too_many_values);
    return add([&] { sizes_.push_back(0); });
  }

  bool undefined() {
    if (!key_)
      return null();
    key_.reset();
    return true;
  }

  bool attach(const std::vector<std::uint8_t>& bytes) {
    bytes_ += bytes.size();
    if (bytes_ > limits_.attachment_bytes)
      return fail(errc::large_attachments);
    if (attachments_.size() == limits_.attachments)
      return fail(errc::too_many_attachments);
    return add([&] {
      stack_.push_key("_placeholder");
      stack_.push_bool(true);
      stack_.push_key("num");
      stack_.push_int64(static_cast<std::int64_t>(attachments_.size()));
      stack_.push_object(2);
      attachments_.emplace_back(bytes.begin(), bytes.end());
    });
  }

  /// Whether the extension that was just read has the format `fixext SIZE`.
  /// Another format of that size has its last byte, the size, in that place.
  [[nodiscard]] bool is_fixext(const packed::binary_t& extension,
                               std::size_t size) const {
    const unsigned char format = size == 1 ? 0xD4 : 0xD7;
    const auto* type = position_ - size - 1;
    return extension.size() == size
           && static_cast<unsigned char>(type[-1]) == format;
  }

  const packet_limits& limits_;
  const char* const& position_;
  json::value_stack stack_;
  std::vector<std::size_t> sizes_; ///< of the containers that are open
  std::optional<std::string> key_; ///< of the member whose value is next
  std::vector<std::string> attachments_;
  std::size_t values_ = 0;
  std::size_t bytes_ = 0;
  errc error_ = errc::bad_payload;
};

// -- writing ------------------------------------------------------------------

std::string to_utf8(std::string_view wtf8) {
  std::string result{wtf8};
  for (std::size_t i = 0; i < result.size(); ++i)
    if (is_surrogate(result, i))
      result.replace(i, 3, "\uFFFD");
  return result;
}

packed pack(const json::value& in, std::span<const std::string> attachments) {
  switch (in.kind()) {
    case json::kind::null:
      return nullptr;
    case json::kind::bool_:
      return in.get_bool();
    case json::kind::int64:
      return in.get_int64();
    case json::kind::uint64:
      return in.get_uint64();
    case json::kind::double_:
      return in.get_double();
    case json::kind::string:
      return to_utf8(in.get_string());
    case json::kind::array: {
      packed::array_t result;
      result.reserve(in.get_array().size());
      for (auto& element : in.get_array())
        result.push_back(pack(element, attachments));
      return result;
    }
    case json::kind::object: {
      if (const auto* bytes = find_attachment(in, attachments))
        return packed::binary({bytes->begin(), bytes->end()});
      packed::object_t result;
      result.reserve(in.get_object().size());
      // No key comes twice, so none has to be looked for, one by one.
      for (auto& [key, element] : in.get_object())
        result.emplace_back(to_utf8(key), pack(element, attachments));
      return result;
    }
  }
  return nullptr;
}

} // namespace

boost::system::result<unpacked> parse_msgpack(std::string_view in,
                                              const packet_limits& limits) {
  const auto* position = in.data();
  const auto* end = position + in.size();
  value_builder builder{limits, position};
  auto done = packed::sax_parse(position_iterator{position},
                                position_iterator{end}, &builder,
                                packed::input_format_t::msgpack);
  if (!done)
    return builder.error();
  return builder.release();
}

void append_msgpack(std::string& out, const json::value& value,
                    std::span<const std::string> attachments) {
  packed::to_msgpack(pack(value, attachments), out);
}

} // namespace observer::socketio
