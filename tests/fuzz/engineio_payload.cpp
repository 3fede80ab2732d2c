/// Any bytes as the body of a polling POST, and as a WebSocket text message.
/// What the packets of an accepted payload encode to must read back as these
/// packets, so nothing is dropped, joined or made up on the way. (Payloads
/// themselves may hold base64 in any form.)

#include "net/engineio/packet.hpp"
#include "net/engineio/payload_v3.hpp"
#include "tests/fuzz/must.hpp"

#include <cstdint>

using namespace observer::engineio;

namespace {

constexpr std::size_t max_packets = 4096;

void append(std::string& out, const packet& in) {
  if (in.binary) {
    out.push_back('b');
    append_base64(out, in.data);
  } else {
    out.push_back(static_cast<char>(in.type));
    out.append(in.data);
  }
}

/// What the packets of a payload encode to; nothing if it is malformed.
std::optional<std::string> encode_again(std::string_view payload) {
  payload_reader reader{payload, max_packets};
  std::string encoded;
  std::size_t count = 0;
  auto binary = false;
  for (;;) {
    auto next = reader.next();
    if (!next)
      return std::nullopt;
    if (!*next)
      break;
    if (++count > 1)
      encoded.push_back(payload_separator);
    append(encoded, **next);
    binary = binary || (*next)->binary;
  }
  must(count >= 1, "a payload holds a packet or is an error");
  must(count <= max_packets, "packets are limited");
  must(binary || encoded == payload, "text is what its packets encode to");
  return encoded;
}

void read_payload(std::string_view payload) {
  if (auto encoded = encode_again(payload))
    must(encode_again(*encoded) == encoded, "packets read back as they were");
}

void read_message(std::string_view message) {
  auto in = decode_packet(message);
  if (!in)
    return;
  std::string encoded;
  append(encoded, *in);
  must(encoded == message, "a message is what its packet encodes to");
}

/// What a client of protocol 3 posts.
void read_payload_v3(std::string_view payload, bool binary) {
  payload_v3_reader reader{payload, binary, max_packets};
  std::size_t bytes = 0;
  for (;;) {
    auto next = reader.next();
    if (!next || !*next)
      break;
    bytes += (*next)->data.size();
  }
  must(bytes <= payload.size(), "packets hold no more than their payload");
}

/// All bytes can be sent, whatever they are.
void send(std::string_view data) {
  std::string encoded;
  append_base64(encoded, data);
  std::string decoded;
  decode_base64(decoded, encoded);
  must(decoded == data, "base64 reads back as it was");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::string_view in{reinterpret_cast<const char*>(data), size};
  read_payload(in);
  read_payload_v3(in, false);
  read_payload_v3(in, true);
  read_message(in);
  send(in);
  return 0;
}
