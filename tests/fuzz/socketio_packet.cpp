/// A sequence of Engine.IO messages for the Socket.IO decoder, separated as in
/// a polling payload; those that begin with `b` are binary. What decodes must
/// hold the limits, and decode to the same again once it is encoded.

#include "net/socketio/encoding.hpp"
#include "net/socketio/json.hpp"
#include "net/socketio/plain_event.hpp"
#include "tests/fuzz/must.hpp"
#include "tests/fuzz/packets.hpp"

#include <cmath>
#include <cstdint>

using namespace observer::socketio;

namespace json = boost::json;

namespace {

std::string encode(const packet& in) {
  std::string out;
  append_head(out, in.type, in.nsp, in.attachments.size(), in.id);
  if (!in.data.is_null())
    append_json(out, in.data);
  return out;
}

/// Decodes what `text` and the attachments make; they must make a packet.
packet decode(std::string_view text,
              const std::vector<std::string>& attachments) {
  decoder fresh{small_limits};
  auto result = fresh.decode_text(text);
  must(result.has_value(), "what is encoded decodes");
  for (auto& attachment : attachments) {
    must(!*result, "a packet is not complete before its attachments");
    result = fresh.decode_binary(attachment);
    must(result.has_value(), "attachments that fitted once fit again");
  }
  must(result->has_value(), "a packet is complete with its attachments");
  return std::move(**result);
}

/// JSON has no infinity: an event that is named so cannot be named again.
bool is_named_infinity(const packet& in) {
  const auto* arguments = in.data.if_array();
  return in.type == packet_type::event && arguments != nullptr
         && arguments->at(0).is_double()
         && std::isinf(arguments->at(0).get_double());
}

void check_round_trip(const packet& in) {
  if (is_named_infinity(in))
    return;
  auto text = encode(in);
  auto again = decode(text, in.attachments);
  must(again.type == in.type, "the type survives");
  must(again.nsp == in.nsp, "the namespace survives");
  must(again.id == in.id, "the id survives");
  must(again.attachments == in.attachments, "the attachments survive");
  must(encode(again) == text, "the data survives");
}

json::value tree_of(const plain_event& in) {
  json::array result{json::string{in.name}};
  json::object fields;
  for (auto& [name, value] : in.fields)
    fields[name] = std::visit([](auto x) { return json::value(x); }, value);
  result.push_back(std::move(fields));
  return result;
}

/// A plain event is what the decoder makes of it as well. It may have no object
/// where it is read as one without fields.
void check_plain(std::string_view text) {
  plain_event plain;
  if (!read_plain_event(text, small_limits, plain))
    return;
  auto whole = decode(text, {});
  must(whole.type == packet_type::event, "a plain event is an event");
  must(whole.nsp == "/", "a plain event is in the default namespace");
  must(whole.id == plain.ack, "a plain event has its id");
  auto& arguments = whole.data.get_array();
  if (arguments.size() == 1)
    arguments.emplace_back(json::object{});
  must(whole.data == tree_of(plain), "a plain event has its fields");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::string_view in{reinterpret_cast<const char*>(data), size};
  decoder under_test{small_limits};
  for (;;) {
    auto end = in.find('\x1e');
    auto message = in.substr(0, end);
    check_plain(message);
    auto result = message.starts_with('b')
                    ? under_test.decode_binary(message.substr(1))
                    : under_test.decode_text(message);
    if (!result) // the connection ends here
      return 0;
    if (*result) {
      check_limits(**result);
      check_round_trip(**result);
    }
    if (end == in.npos)
      return 0;
    in.remove_prefix(end + 1);
  }
}
