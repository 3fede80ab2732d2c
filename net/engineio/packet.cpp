#include "net/engineio/packet.hpp"

#include <algorithm>
#include <sodium.h>

namespace observer::engineio {

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
  if (!decode_base64(decoded, in.substr(1)))
    return errc::bad_base64;
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

bool decode_base64(std::string& out, std::string_view in) {
  // libsodium 1.0.18 takes some bytes outside ASCII for digits.
  auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!std::all_of(in.begin(), in.end(), is_ascii))
    return false;
  auto begin = out.size();
  out.resize(begin + in.size() / 4 * 3 + 3);
  std::size_t length = 0;
  auto failed
    = sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()) + begin,
                        out.size() - begin, in.data(), in.size(), nullptr,
                        &length, nullptr, sodium_base64_VARIANT_ORIGINAL);
  out.resize(failed == 0 ? begin + length : begin);
  return failed == 0;
}

} // namespace observer::engineio
