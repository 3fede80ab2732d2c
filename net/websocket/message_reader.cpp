#include "net/websocket/message_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <simdjson.h>
#include <utility>

namespace observer::websocket {

namespace {

using boost::system::error_code;
using boost::system::result;

constexpr unsigned char reserved_bits = 0x70;
constexpr unsigned char mask_bit = 0x80;
constexpr std::size_t mask_size = 4;

std::uint64_t big_endian(const unsigned char* bytes, std::size_t size) {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < size; ++i)
    result = result << 8 | bytes[i];
  return result;
}

/// Bytes behind the first two that hold the length.
std::size_t extended_length_size(unsigned char second) {
  switch (second & 0x7F) {
    case 126:
      return 2;
    case 127:
      return 8;
    default:
      return 0;
  }
}

/// @returns the mask for the byte behind
std::uint32_t unmask(std::span<char> bytes, std::uint32_t mask) {
  auto* at = bytes.data();
  auto* end = at + bytes.size();
  auto wide = std::uint64_t{mask} << 32 | mask;
  for (; end - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    word ^= wide;
    std::memcpy(at, &word, 8);
  }
  std::array<char, mask_size> keys{};
  std::memcpy(keys.data(), &mask, mask_size);
  auto rest = end - at;
  for (std::ptrdiff_t i = 0; i < rest; ++i)
    at[i] = static_cast<char>(at[i] ^ keys[static_cast<std::size_t>(i) & 3]);
  std::rotate(keys.begin(), keys.begin() + (rest & 3), keys.end());
  std::memcpy(&mask, keys.data(), mask_size);
  return mask;
}

/// Gives the memory back as well, unlike `clear`.
void release(std::string& text) {
  std::string{}.swap(text);
}

/// Section 7.4: which codes may travel in a close frame.
bool is_valid_close_code(std::uint64_t code) {
  return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005
          && code != 1006)
         || (code >= 3000 && code <= 4999);
}

error_code check_close(std::string_view payload) {
  if (payload.empty())
    return {};
  if (payload.size() == 1)
    return errc::bad_close_payload;
  const auto* bytes = reinterpret_cast<const unsigned char*>(payload.data());
  if (!is_valid_close_code(big_endian(bytes, 2)))
    return errc::bad_close_payload;
  auto reason = payload.substr(2);
  if (!simdjson::validate_utf8(reason.data(), reason.size()))
    return errc::bad_utf8;
  return {};
}

} // namespace

std::size_t message_reader::wanted_header() const {
  if (header_size_ < 2)
    return 2;
  return 2 + extended_length_size(header_[1]) + mask_size;
}

/// What the first two bytes of a header give away.
error_code message_reader::check_start() const {
  auto reserved = header_[0] & reserved_bits;
  auto starts_message = kind() == opcode::text || kind() == opcode::binary;
  if (reserved == compressed_bit && inflater_ != nullptr && starts_message)
    reserved = 0;
  if (reserved != 0)
    return errc::reserved_bits;
  if (kind() > opcode::pong
      || (kind() > opcode::binary && kind() < opcode::close))
    return errc::bad_opcode;
  if ((header_[1] & mask_bit) == 0)
    return errc::unmasked;
  if (is_control(kind()))
    return is_final() && (header_[1] & 0x7F) <= max_control_size
             ? error_code{}
             : make_error_code(errc::bad_control_frame);
  auto inside = message_kind_ != opcode::continuation;
  if (starts_message && inside)
    return errc::unfinished_message;
  if (!starts_message && !inside)
    return errc::no_message;
  return {};
}

/// The header is complete.
error_code message_reader::begin_frame() {
  auto extended = extended_length_size(header_[1]);
  payload_left_ = header_[1] & 0x7F;
  if (extended > 0) {
    payload_left_ = big_endian(&header_[2], extended);
    auto needs_it = payload_left_ > (extended == 2 ? 125 : 0xFFFF);
    constexpr std::uint64_t max = std::numeric_limits<std::int64_t>::max();
    if (!needs_it || payload_left_ > max)
      return errc::bad_length;
  }
  std::memcpy(&mask_, &header_[2 + extended], mask_size);
  header_size_ = 0;
  in_payload_ = true;
  if (is_control(kind()))
    return {};
  if (kind() != opcode::continuation) {
    message_kind_ = kind();
    compressed_ = (header_[0] & compressed_bit) != 0;
    fragments_ = 0;
  }
  if (++fragments_ > limits_.fragments)
    return errc::too_many_fragments;
  if (payload_left_ > limits_.message_bytes - assembled_.size())
    return errc::message_too_big;
  return {};
}

result<std::optional<message>> message_reader::next(std::span<char>& in) {
  if (std::exchange(handed_out_, false)) {
    if (message_kind_ == opcode::continuation)
      release(assembled_);
    release(control_);
  }
  for (;;) {
    while (!in_payload_) {
      auto wanted = wanted_header();
      auto size = std::min(wanted - header_size_, in.size());
      std::copy_n(in.data(), size, header_.begin() + header_size_);
      in = in.subspan(size);
      header_size_ = static_cast<std::uint8_t>(header_size_ + size);
      if (header_size_ < wanted)
        return std::optional<message>{};
      if (auto error = header_size_ == 2 ? check_start() : begin_frame())
        return error;
    }
    auto part = in.first(static_cast<std::size_t>(
      std::min<std::uint64_t>(payload_left_, in.size())));
    in = in.subspan(part.size());
    mask_ = unmask(part, mask_);
    payload_left_ -= part.size();
    std::string_view data{part.data(), part.size()};
    auto control = is_control(kind());
    auto& kept = control ? control_ : assembled_;
    auto complete = payload_left_ == 0 && is_final();
    if (!complete || !kept.empty()) {
      kept += data;
      data = kept;
      handed_out_ = complete;
    }
    if (payload_left_ > 0)
      return std::optional<message>{};
    in_payload_ = false;
    if (!is_final())
      continue;
    if (!control) {
      auto whole = finish(data);
      if (!whole)
        return whole.error();
      return std::optional{*whole};
    }
    if (kind() == opcode::close)
      if (auto error = check_close(data))
        return error;
    return std::optional{message{kind(), data}};
  }
}

/// All frames of a message are there.
result<message> message_reader::finish(std::string_view data) {
  message out{std::exchange(message_kind_, opcode::continuation), data};
  if (compressed_) {
    auto inflated = inflater_->inflate(data, limits_.message_bytes);
    if (!inflated)
      return inflated.error();
    out.data = *inflated;
  }
  if (out.kind == opcode::text
      && !simdjson::validate_utf8(out.data.data(), out.data.size()))
    return errc::bad_utf8;
  return out;
}

} // namespace observer::websocket
