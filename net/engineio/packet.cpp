#include "net/engineio/packet.hpp"

#include <array>
#include <cstdint>
#include <sodium.h>

namespace observer::engineio {

namespace {

constexpr std::int8_t no_digit = -1;

/// The six bits that a character stands for in base64, by its code; those of
/// RFC 4648, section 5, beside those of section 4.
constexpr auto base64_digits = [] {
  std::array<std::int8_t, 256> result{};
  result.fill(no_digit);
  std::int8_t value = 0;
  for (auto [first, last] : {std::pair{'A', 'Z'}, {'a', 'z'}, {'0', '9'}})
    for (int c = first; c <= last; ++c)
      result[static_cast<std::size_t>(c)] = value++;
  result['+'] = result['-'] = 62;
  result['/'] = result['_'] = 63;
  return result;
}();

} // namespace

boost::system::result<packet> decode_packet(std::string_view in) {
  if (in.empty())
    return errc::empty_packet;
  if (in.front() < '0' || in.front() > '6')
    return errc::unknown_type;
  return packet{static_cast<packet_type>(in.front()), false, in.substr(1)};
}

boost::system::result<packet> decode_text_packet(std::string_view in,
                                                 std::string& decoded) {
  if (!in.starts_with('b'))
    return decode_packet(in);
  decoded.clear();
  decode_base64(decoded, in.substr(1));
  return packet{packet_type::message, true, decoded};
}

boost::system::result<std::optional<packet>> payload_reader::next() {
  if (at_end_)
    return std::optional<packet>{};
  if (++count_ > max_packets_)
    return errc::too_many_packets;
  auto end = rest_.find(payload_separator);
  auto encoded = rest_.substr(0, end);
  if (end == std::string_view::npos)
    at_end_ = true;
  else
    rest_.remove_prefix(end + 1);
  auto result = decode_text_packet(encoded, decoded_);
  if (!result)
    return result.error();
  return std::optional{*result};
}

void append_base64(std::string& out, std::string_view data) {
  auto begin = out.size();
  auto length = sodium_base64_encoded_len(data.size(),
                                          sodium_base64_VARIANT_ORIGINAL);
  out.resize(begin + length);
  sodium_bin2base64(out.data() + begin, length,
                    reinterpret_cast<const unsigned char*>(data.data()),
                    data.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back(); // the terminating null
}

void decode_base64(std::string& out, std::string_view in) {
  out.reserve(out.size() + in.size() / 4 * 3 + 3);
  std::uint32_t bits = 0; // the lowest ones are read and not yet written
  int count = 0;
  for (char c : in) {
    if (c == '=')
      return;
    auto digit = base64_digits[static_cast<unsigned char>(c)];
    if (digit == no_digit)
      continue;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>(bits >> count));
    }
  }
}

} // namespace observer::engineio
