#include "net/socketio/json.hpp"

#include "net/socketio/error.hpp"
#include "net/socketio/utf8.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/value_stack.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>

namespace observer::socketio {

namespace json = boost::json;

namespace {

/// The four hexadecimal digits at `at`, or -1.
int hex4(std::string_view in, std::size_t at) {
  if (at + 4 > in.size())
    return -1;
  unsigned value = 0;
  const auto* end = in.data() + at + 4;
  auto [stop, error] = std::from_chars(in.data() + at, end, value, 16);
  return error == std::errc{} && stop == end ? static_cast<int>(value) : -1;
}

bool is_high_surrogate(int unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

bool is_low_surrogate(int unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

/// The bytes of a lone surrogate in WTF-8.
std::string wtf8(int unit) {
  return {static_cast<char>(0xE0 | (unit >> 12)),
          static_cast<char>(0x80 | ((unit >> 6) & 0x3F)),
          static_cast<char>(0x80 | (unit & 0x3F))};
}

/// The text with each lone surrogate escape replaced by what `replacement`
/// makes of it; empty if there is none.
template <class Replacement>
std::string
replace_lone_surrogates(std::string_view in, Replacement replacement) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t i = in.find('\\'); i < in.size(); i = in.find('\\', i)) {
    if (i + 1 >= in.size() || in[i + 1] != 'u') {
      i += 2; // any other escape, `\\` included
      continue;
    }
    auto unit = hex4(in, i + 2);
    if (is_high_surrogate(unit) && in.substr(i + 6, 2) == "\\u"
        && is_low_surrogate(hex4(in, i + 8))) {
      i += 12;
      continue;
    }
    if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
      out.append(in, copied, i - copied).append(replacement(unit));
      copied = i + 6;
    }
    i += 6;
  }
  if (copied > 0)
    out.append(in, copied);
  return out;
}

/// Builds the value of a JSON text. As Boost.JSON's own handler, but with exact
/// numbers: in Boost 1.81, one of ten fractions is a bit off, and would change
/// on its way from client to client.
class value_handler {
public:
  using error_code = boost::system::error_code;

  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  explicit value_handler(std::size_t max_members) : max_members_(max_members) {
  }

  [[nodiscard]] json::value release() {
    return stack_.release();
  }

  // -- called by the parser ---------------------------------------------------

  bool on_document_begin(error_code&) {
    stack_.reset();
    return true;
  }

  bool on_document_end(error_code&) {
    return true;
  }

  bool on_object_begin(error_code&) {
    return true;
  }

  /// Asks before the object is built. Members of the same name count as many.
  bool on_object_end(std::size_t size, error_code& error) {
    if (size > max_members_) {
      error = errc::too_many_members;
      return false;
    }
    stack_.push_object(size);
    return true;
  }

  bool on_array_begin(error_code&) {
    return true;
  }

  bool on_array_end(std::size_t size, error_code&) {
    stack_.push_array(size);
    return true;
  }

  bool on_key_part(json::string_view part, std::size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }

  bool on_key(json::string_view rest, std::size_t, error_code&) {
    stack_.push_key(rest);
    return true;
  }

  bool on_string_part(json::string_view part, std::size_t, error_code&) {
    stack_.push_chars(part);
    return true;
  }

  bool on_string(json::string_view rest, std::size_t, error_code&) {
    stack_.push_string(rest);
    return true;
  }

  bool on_number_part(json::string_view, error_code&) {
    return true; // only of numbers that are cut off: the text comes whole
  }

  bool on_int64(std::int64_t value, json::string_view, error_code&) {
    stack_.push_int64(value);
    return true;
  }

  bool on_uint64(std::uint64_t value, json::string_view, error_code&) {
    stack_.push_uint64(value);
    return true;
  }

  bool on_double(double value, json::string_view text, error_code&) {
    // Out of range, it stays the zero or infinity that it is.
    std::from_chars(text.data(), text.data() + text.size(), value);
    stack_.push_double(value);
    return true;
  }

  bool on_bool(bool value, error_code&) {
    stack_.push_bool(value);
    return true;
  }

  bool on_null(error_code&) {
    stack_.push_null();
    return true;
  }

  bool on_comment_part(json::string_view, error_code&) {
    return true;
  }

  bool on_comment(json::string_view, error_code&) {
    return true;
  }

private:
  json::value_stack stack_;
  std::size_t max_members_;
};

boost::system::result<json::value> parse(std::string_view in,
                                         const json::parse_options& options,
                                         std::size_t max_members) {
  json::basic_parser<value_handler> parser{options, max_members};
  boost::system::error_code error;
  auto size = parser.write_some(false, in.data(), in.size(), error);
  if (!error && size < in.size())
    error = json::error::extra_data;
  if (error == json::error::too_deep)
    return errc::too_deep;
  if (error)
    return error;
  return parser.handler().release();
}

void append_number(std::string& out, double value) {
  // JSON has no infinities; JavaScript writes null for them.
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  if (value == 0) { // JavaScript does not write the sign
    out.push_back('0');
    return;
  }
  std::array<char, 32> digits;
  auto [end, error] = std::to_chars(digits.data(),
                                    digits.data() + digits.size(), value);
  out.append(digits.data(), end);
}

} // namespace

boost::system::result<json::value> parse_json(std::string_view in,
                                              const json_limits& limits) {
  json::parse_options options;
  options.max_depth = limits.depth;
  std::string replaced;
  if (in.find("\\ud") != in.npos || in.find("\\uD") != in.npos)
    replaced = replace_lone_surrogates(in, wtf8);
  if (!replaced.empty()) {
    // Apart from the surrogates it must still be UTF-8.
    auto strict = parse(replace_lone_surrogates(
                          in, [](int) { return std::string_view{"\\ufffd"}; }),
                        options, limits.members);
    if (!strict)
      return strict;
    in = replaced;
    options.allow_invalid_utf8 = true;
  }
  return parse(in, options, limits.members);
}

namespace {

constexpr char hex[] = "0123456789abcdef";

// One register each, as GCC and Clang know them on every processor.
using sixteen_bytes = unsigned char __attribute__((vector_size(16)));
using eight_bytes = unsigned char __attribute__((vector_size(8)));

/// What `plain_prefix` stops at: of one byte, or of each in a vector.
auto is_special(const auto& c) {
  return (c < 0x20) | (c == '"') | (c == '\\') | (c == 0xED);
}

bool is_special(char c) {
  return is_special(static_cast<unsigned char>(c));
}

/// Where the first of the bytes at `from` is that is special.
template <class Vector>
std::optional<std::size_t> first_special(const char* from) {
  static_assert(std::endian::native == std::endian::little);
  Vector bytes;
  std::memcpy(&bytes, from, sizeof bytes);
  auto special = std::bit_cast<std::array<std::uint64_t, sizeof(Vector) / 8>>(
    is_special(bytes));
  for (std::size_t i = 0; i < special.size(); ++i)
    if (special[i] != 0)
      return 8 * i + static_cast<std::size_t>(std::countr_zero(special[i])) / 8;
  return {};
}

void append_surrogate(std::string& out, std::string_view wtf8) {
  auto unit = 0xD000 | (static_cast<unsigned char>(wtf8[1]) & 0x3F) << 6
              | (static_cast<unsigned char>(wtf8[2]) & 0x3F);
  out += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4)
    out.push_back(hex[(unit >> shift) & 15]);
}

} // namespace

std::size_t plain_prefix(std::string_view text) {
  std::size_t i = 0;
  for (; i + sizeof(sixteen_bytes) <= text.size(); i += sizeof(sixteen_bytes))
    if (auto at = first_special<sixteen_bytes>(text.data() + i))
      return i + *at;
  if (i + sizeof(eight_bytes) <= text.size()) {
    if (auto at = first_special<eight_bytes>(text.data() + i))
      return i + *at;
    i += sizeof(eight_bytes);
  }
  while (i < text.size() && !is_special(text[i]))
    ++i;
  return i;
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    i += plain_prefix(text.substr(i));
    if (i == text.size())
      break;
    auto c = static_cast<unsigned char>(text[i]);
    if (is_surrogate(text, i)) {
      out.append(text, plain, i - plain);
      append_surrogate(out, text.substr(i, 3));
      plain = i + 3;
      i += 2;
      continue;
    }
    if (c == 0xED)
      continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += "\\u00";
        out.push_back(hex[c >> 4]);
        out.push_back(hex[c & 15]);
    }
  }
  out.append(text, plain, text.size() - plain);
  out.push_back('"');
}

void append_json(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      break;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      break;
    case json::kind::int64:
      out += std::to_string(value.get_int64());
      break;
    case json::kind::uint64:
      out += std::to_string(value.get_uint64());
      break;
    case json::kind::double_:
      append_number(out, value.get_double());
      break;
    case json::kind::string:
      append_json_string(out, value.get_string());
      break;
    case json::kind::array: {
      char separator = '[';
      for (auto& element : value.get_array()) {
        out.push_back(separator);
        append_json(out, element);
        separator = ',';
      }
      out += separator == '[' ? "[]" : "]";
      break;
    }
    case json::kind::object: {
      char separator = '{';
      for (auto& [key, element] : value.get_object()) {
        out.push_back(separator);
        append_json_string(out, key);
        out.push_back(':');
        append_json(out, element);
        separator = ',';
      }
      out += separator == '{' ? "{}" : "}";
      break;
    }
  }
}

std::optional<std::int64_t> as_integer(const json::value& value) {
  if (const auto* number = value.if_int64())
    return *number;
  if (const auto* number = value.if_double())
    if (std::trunc(*number) == *number && std::abs(*number) < 9e15)
      return static_cast<std::int64_t>(*number);
  return std::nullopt;
}

} // namespace observer::socketio
