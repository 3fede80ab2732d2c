/// One binary Engine.IO message for the Socket.IO decoder of MessagePack. What
/// decodes must hold the limits, and decode to the same again once it is
/// encoded.

#include "net/socketio/msgpack.hpp"
#include "tests/fuzz/must.hpp"
#include "tests/fuzz/packets.hpp"

#include <cstdint>

using namespace observer::socketio;

namespace {

std::string encode(const packet& in) {
  boost::json::object fields{{"type", static_cast<char>(in.type) - '0'},
                             {"nsp", in.nsp}};
  if (!in.data.is_null())
    fields.emplace("data", in.data);
  if (in.id)
    fields.emplace("id", *in.id);
  std::string out;
  append_msgpack(out, fields, in.attachments);
  return out;
}

packet decode(std::string_view bytes) {
  auto result = decoder{small_limits, parser::msgpack}.decode_binary(bytes);
  must(result.has_value(), "what is encoded decodes");
  must(result->has_value(), "a message is a packet");
  return std::move(**result);
}

void check_round_trip(const packet& in) {
  auto bytes = encode(in);
  auto again = decode(bytes);
  must(again.type == in.type, "the type survives");
  must(again.nsp == in.nsp, "the namespace survives");
  must(again.id == in.id, "the id survives");
  must(again.attachments == in.attachments, "the attachments survive");
  must(encode(again) == bytes, "the data survives");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::string_view in{reinterpret_cast<const char*>(data), size};
  auto result = decoder{small_limits, parser::msgpack}.decode_binary(in);
  if (!result) // the connection ends here
    return 0;
  must(result->has_value(), "a message is a packet");
  check_limits(**result);
  check_round_trip(**result);
  return 0;
}
