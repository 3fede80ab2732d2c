#include "net/engineio/payload_v3.hpp"

#include <algorithm>
#include <charconv>

namespace observer::engineio {

namespace {

using boost::system::result;

/// Digits of a length that need no thought about overflow.
constexpr std::size_t max_length_digits = 9;

/// How many UTF-16 units the character has that `lead` begins: JavaScript
/// counts these. Bytes behind the first count nothing.
std::size_t utf16_units(char lead) {
  auto byte = static_cast<unsigned char>(lead);
  if ((byte & 0xc0) == 0x80)
    return 0;
  return byte >= 0xf0 ? 2 : 1;
}

std::size_t utf16_length(std::string_view text) {
  std::size_t result = 0;
  for (auto c : text)
    result += utf16_units(c);
  return result;
}

/// How many bytes of `text` make `units` UTF-16 units; nothing if there are
/// fewer, or a character would be cut.
std::optional<std::size_t> bytes_of_units(std::string_view text,
                                          std::size_t units) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto more = utf16_units(text[i]);
    if (more > 0 && seen == units)
      return i;
    seen += more;
    if (seen > units)
      return std::nullopt;
  }
  return seen == units ? std::optional{text.size()} : std::nullopt;
}

} // namespace

result<std::optional<packet>> payload_v3_reader::next() {
  if (rest_.empty())
    return count_ > 0 ? result<std::optional<packet>>{std::nullopt}
                      : errc::empty_packet;
  if (++count_ > max_packets_)
    return errc::too_many_packets;
  auto in = binary_ ? next_of_binary() : next_of_text();
  if (!in)
    return in.error();
  return std::optional{*in};
}

result<packet> payload_v3_reader::next_of_text() {
  auto colon = rest_.substr(0, max_length_digits + 1).find(':');
  if (colon == std::string_view::npos)
    return errc::bad_length;
  std::size_t units = 0;
  auto [end, error] = std::from_chars(rest_.data(), rest_.data() + colon,
                                      units);
  if (error != std::errc{} || end != rest_.data() + colon)
    return errc::bad_length;
  rest_.remove_prefix(colon + 1);
  auto size = bytes_of_units(rest_, units);
  if (!size)
    return errc::bad_length;
  auto encoded = rest_.substr(0, *size);
  rest_.remove_prefix(*size);
  return decode_text_packet_v3(encoded, decoded_);
}

result<packet> payload_v3_reader::next_of_binary() {
  constexpr char end_of_length = '\xff';
  auto head = rest_.substr(0, max_length_digits + 2).find(end_of_length);
  auto kind = rest_.front();
  if (head == std::string_view::npos || head < 2 || (kind != 0 && kind != 1))
    return errc::bad_length;
  std::size_t size = 0;
  for (auto digit : rest_.substr(1, head - 1)) {
    if (digit < 0 || digit > 9)
      return errc::bad_length;
    size = size * 10 + static_cast<std::size_t>(digit);
  }
  rest_.remove_prefix(head + 1);
  if (size > rest_.size())
    return errc::bad_length;
  auto encoded = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return kind == 0 ? decode_packet(encoded) : decode_binary_v3(encoded);
}

result<packet> decode_text_packet_v3(std::string_view in,
                                     std::string& decoded) {
  if (!in.starts_with('b'))
    return decode_packet(in);
  // `b`, the type, base64; only messages are binary.
  if (in.size() < 2 || in[1] != static_cast<char>(packet_type::message))
    return errc::unknown_type;
  decoded.clear();
  decode_base64(decoded, in.substr(2));
  return packet{packet_type::message, true, decoded};
}

result<packet> decode_binary_v3(std::string_view in) {
  if (in.empty())
    return errc::empty_packet;
  if (in.front() != binary_message_v3)
    return errc::unknown_type;
  return packet{packet_type::message, true, in.substr(1)};
}

void append_text_v3(std::string& out, std::string_view packet) {
  out += std::to_string(utf16_length(packet));
  out.push_back(':');
  out += packet;
}

void append_binary_v3(std::string& out, std::string_view data) {
  std::string encoded = "b4";
  append_base64(encoded, data);
  append_text_v3(out, encoded);
}

} // namespace observer::engineio
