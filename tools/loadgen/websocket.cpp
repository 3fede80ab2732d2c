#include "tools/loadgen/websocket.hpp"

#include <algorithm>
#include <bit>
#include <cctype>
#include <cstring>

namespace observer::loadgen {

namespace {

// The key keeps caches from answering, of which there is none here; so it is
// the one of RFC 6455, section 1.3, whose answer is known without SHA-1.
constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view answer = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

constexpr unsigned char final_bit = 0x80;
constexpr unsigned char reserved_bits = 0x70;
constexpr unsigned char mask_bit = 0x80;

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) {
                      return std::tolower(x) == std::tolower(y);
                    });
}

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t result = 0;
  for (unsigned char c : bytes)
    result = result << 8 | c;
  return result;
}

void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i)
    out += static_cast<char>(value >> (8 * i));
}

} // namespace

std::string upgrade_request(std::string_view host, std::string_view target) {
  std::string out{"GET "};
  out += target;
  out += " HTTP/1.1\r\nHost: ";
  out += host;
  out += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
  out += key;
  out += "\r\n\r\n";
  return out;
}

bool accepts_upgrade(std::string_view head) {
  if (!head.starts_with("HTTP/1.1 101 "))
    return false;
  while (!head.empty()) {
    auto end = std::min(head.find("\r\n"), head.size());
    auto line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    auto colon = line.find(':');
    if (colon == std::string_view::npos
        || !equal_ignoring_case(line.substr(0, colon), "sec-websocket-accept"))
      continue;
    auto value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    value = value.substr(0, value.find_last_not_of(" \t") + 1);
    return value == answer;
  }
  return false;
}

void append_client_frame(std::string& out, opcode kind,
                         std::string_view payload, std::uint32_t mask) {
  out += static_cast<char>(final_bit | static_cast<unsigned char>(kind));
  if (payload.size() < 126) {
    out += static_cast<char>(mask_bit | payload.size());
  } else if (payload.size() <= 0xFFFF) {
    out += static_cast<char>(mask_bit | 126);
    append_big_endian(out, payload.size(), 2);
  } else {
    out += static_cast<char>(mask_bit | 127);
    append_big_endian(out, payload.size(), 8);
  }
  char keys[4];
  std::memcpy(keys, &mask, sizeof keys);
  out.append(keys, sizeof keys);
  auto begin = out.size();
  out += payload;
  auto* at = out.data() + begin;
  // Plain enough for the compiler to make wide instructions of it.
  for (std::size_t i = 0; i < payload.size(); ++i)
    at[i] = static_cast<char>(at[i] ^ keys[i & 3]);
}

frame_reader::parsed frame_reader::parse(std::string_view in, frame& out) {
  out.size = 2;
  if (in.size() < out.size)
    return parsed::incomplete;
  auto first = static_cast<unsigned char>(in[0]);
  auto second = static_cast<unsigned char>(in[1]);
  auto kind = first & 0x0F;
  bool control = (kind & 8) != 0;
  if ((first & reserved_bits) != 0 || (second & mask_bit) != 0
      || kind > (control ? 10 : 2))
    return parsed::malformed;
  out.kind = static_cast<opcode>(kind);
  out.final = (first & final_bit) != 0;
  std::uint64_t length = second;
  if (control && (length > 125 || !out.final))
    return parsed::malformed;
  if (length >= 126) {
    std::size_t bytes = length == 126 ? 2 : 8;
    out.size += bytes;
    if (in.size() < out.size)
      return parsed::incomplete;
    length = big_endian(in.substr(2, bytes));
    if (length > max_message)
      return parsed::malformed;
  }
  auto header = out.size;
  out.size += length;
  if (in.size() < out.size)
    return parsed::incomplete;
  out.payload = in.substr(header, length);
  return parsed::frame;
}

bool frame_reader::assemble(frame& out, bool& malformed) {
  if (out.kind >= opcode::close)
    return true;
  if ((out.kind == opcode::continuation) != assembling_) {
    malformed = true;
    return false;
  }
  if (!assembling_ && out.final)
    return true;
  if (!assembling_) {
    assembly_.clear();
    assembly_kind_ = out.kind;
  }
  assembling_ = !out.final;
  malformed = assembly_.size() + out.payload.size() > max_message;
  if (malformed)
    return false;
  assembly_ += out.payload;
  out.kind = assembly_kind_;
  out.payload = assembly_;
  return out.final;
}

void frame_reader::reset() {
  kept_.clear();
  assembly_.clear();
  assembling_ = false;
}

} // namespace observer::loadgen
