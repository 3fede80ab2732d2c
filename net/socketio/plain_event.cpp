#include "net/socketio/plain_event.hpp"

#include "net/socketio/digit.hpp"
#include "net/socketio/json.hpp"
#include "net/socketio/utf8.hpp"

#include <charconv>
#include <cstring>
#include <utility>

namespace observer::socketio {

namespace {

/// Numbers of so many digits are surely exact, in JavaScript as here.
constexpr std::ptrdiff_t max_digits = 15;

/// The event is an array, and its argument an object.
constexpr std::size_t depth = 2;

/// Takes tokens off a packet, or says that the next one is another.
class scanner {
public:
  explicit scanner(std::string_view in)
    : at_(in.data()),
      end_(in.data() + in.size()) {
  }

  [[nodiscard]] bool at_end() const {
    return at_ == end_;
  }

  [[nodiscard]] bool is_next(char c) const {
    return at_ != end_ && *at_ == c;
  }

  bool take(char c) {
    if (!is_next(c))
      return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    if (!rest().starts_with(word))
      return false;
    at_ += word.size();
    return true;
  }

  /// Digits only.
  bool take_digits(std::uint64_t& out) {
    const auto* begin = at_;
    auto [stop, error] = std::from_chars(at_, end_, out);
    at_ = stop;
    return error == std::errc{} && stop - begin <= max_digits;
  }

  bool take_number(std::int64_t& out) {
    auto negative = take('-');
    auto zero = is_next('0');
    std::uint64_t size = 0;
    const auto* begin = at_;
    if (at_ == end_ || !is_digit(*at_) || !take_digits(size))
      return false;
    out = static_cast<std::int64_t>(size);
    if (negative)
      out = -out;
    return !zero || (!negative && at_ - begin == 1);
  }

  /// A string, quotes around it.
  bool take_string(std::string_view& out) {
    if (!take('"'))
      return false;
    auto size = plain_prefix(rest());
    const auto* begin = std::exchange(at_, at_ + size);
    if (!take('"'))
      return false; // an escape, or what may be a surrogate: not for us to say
    out = {begin, size};
    return true;
  }

  bool take_value(plain_value& out) {
    if (at_ == end_)
      return false;
    switch (*at_) {
      case '"':
        return take_string(out.emplace<std::string_view>());
      case 't':
        out = true;
        return take_word("true");
      case 'f':
        out = false;
        return take_word("false");
      case 'n':
        out = nullptr;
        return take_word("null");
      default:
        return take_number(out.emplace<std::int64_t>());
    }
  }

  bool take_event(plain_event& out) {
    if (is_digit(at_ != end_ ? *at_ : '\0') && !take_digits(out.ack.emplace()))
      return false;
    if (!take('[') || !take_string(out.name))
      return false;
    if (take(',') && !take_fields(out))
      return false;
    return take(']');
  }

private:
  bool take_fields(plain_event& out) {
    if (!take('{'))
      return false;
    if (take('}'))
      return true;
    do {
      if (out.fields.size() == out.fields.capacity())
        return false;
      auto& field = out.fields.emplace_back();
      if (!take_string(field.name) || !take(':') || !take_value(field.value))
        return false;
    } while (take(','));
    return take('}');
  }

  [[nodiscard]] std::string_view rest() const {
    return {at_, static_cast<std::size_t>(end_ - at_)};
  }

  const char* at_;
  const char* end_;
};

bool is_ascii(std::string_view text) {
  std::uint64_t seen = 0;
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, sizeof word);
    seen |= word;
  }
  for (; i < text.size(); ++i)
    seen |= static_cast<unsigned char>(text[i]);
  return (seen & 0x8080808080808080) == 0;
}

} // namespace

bool read_plain_event(std::string_view packet, const packet_limits& limits,
                      plain_event& out) {
  scanner in{packet};
  return in.take(static_cast<char>(packet_type::event)) && in.take_event(out)
         && in.at_end() && limits.depth >= depth && limits.arguments > 0
         && packet.size() <= limits.values
         && out.name.size() <= limits.event_name && !is_reserved(out.name)
         && (is_ascii(packet) || is_wtf8(packet));
}

} // namespace observer::socketio
