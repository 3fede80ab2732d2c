#include "net/socketio/encoding.hpp"

#include "net/socketio/json.hpp"
#include "net/socketio/msgpack.hpp"

#include <boost/json/object.hpp>

#include <limits>
#include <utility>

namespace observer::socketio {

namespace json = boost::json;

namespace {

/// Bytes that few events need more of.
constexpr std::size_t usual_size = 256;

/// A buffer that grew past this is not kept for the next packet.
constexpr std::size_t kept_size = 64 * 1024;

/// The buffer of the last packet that this thread wrote, so that a packet costs
/// no memory beyond the one that travels.
std::string& spare_text() {
  thread_local std::string spare;
  return spare;
}

/// Our own JSON: as deep as a client's value may be, and what is around it.
constexpr std::size_t max_depth = 128;

/// Of our own packets; what clients may say was checked when they said it.
constexpr packet_limits own_limits{
  .depth = max_depth,
  .values = std::numeric_limits<std::size_t>::max(),
  .event_name = std::numeric_limits<std::size_t>::max(),
  .arguments = std::numeric_limits<std::size_t>::max() - 1,
  .attachments = std::numeric_limits<std::size_t>::max(),
  .attachment_bytes = std::numeric_limits<std::size_t>::max()};

/// As npm's parser has it: one map.
engineio::outgoing_ptr
encode_msgpack(packet_type type, std::string_view nsp,
               std::optional<std::uint64_t> id, json::value data,
               std::span<const std::string> attachments = {}) {
  json::object packet{{"type", static_cast<char>(type) - '0'}};
  if (!data.is_null())
    packet.emplace("data", std::move(data));
  packet.emplace("nsp", nsp);
  if (id)
    packet.emplace("id", *id);
  std::string out;
  append_msgpack(out, std::move(packet), attachments);
  return engineio::outgoing::make_binary(out);
}

} // namespace

void append_head(std::string& out, packet_type type, std::string_view nsp,
                 std::size_t attachments, std::optional<std::uint64_t> id) {
  if (attachments > 0) {
    type = type == packet_type::event ? packet_type::binary_event
                                      : packet_type::binary_ack;
    out.push_back(static_cast<char>(type));
    out += std::to_string(attachments);
    out.push_back('-');
  } else {
    out.push_back(static_cast<char>(type));
  }
  if (nsp != "/") {
    out += nsp;
    out.push_back(',');
  }
  if (id)
    out += std::to_string(*id);
}

engineio::outgoing_ptr encode(parser how, packet_type type,
                              std::string_view nsp, const json::value& data) {
  if (how == parser::msgpack)
    return encode_msgpack(type, nsp, {}, data);
  std::string text;
  append_head(text, type, nsp);
  if (!data.is_null())
    append_json(text, data);
  return engineio::outgoing::make_message(text);
}

engineio::outgoing_ptr to_msgpack(const engineio::outgoing& json) {
  decoder own{own_limits};
  auto whole = own.decode_text(json.text()).value();
  for (std::size_t i = 0; !whole; ++i)
    whole = own.decode_binary(json.attachment(i)).value();
  return encode_msgpack(whole->type, whole->nsp, whole->id,
                        std::move(whole->data), whole->attachments);
}

// -- packet_writer ------------------------------------------------------------

packet_writer::packet_writer(parser how, packet_type type, std::string_view nsp,
                             std::optional<std::uint64_t> id,
                             std::span<const std::string> attachments)
  : parser_(how),
    type_(type),
    nsp_(nsp),
    id_(id),
    attachments_(attachments) {
  if (parser_ == parser::json) {
    text_.swap(spare_text());
    text_.clear();
    text_.reserve(usual_size);
    append_head(text_, type, nsp, attachments.size(), id);
  }
}

std::string& packet_writer::next() {
  text_.push_back(std::exchange(separator_, ','));
  return text_;
}

void packet_writer::add_text(std::string_view argument) {
  if (parser_ == parser::json)
    append_json_string(next(), argument);
  else
    arguments_.emplace_back(argument);
}

void packet_writer::add_json(std::string_view argument) {
  if (parser_ == parser::json)
    next() += argument;
  else
    arguments_.push_back(parse_json(argument, {max_depth}).value());
}

void packet_writer::add(const json::value& argument) {
  if (parser_ == parser::json)
    append_json(next(), argument);
  else
    arguments_.push_back(argument);
}

engineio::outgoing_ptr packet_writer::finish() {
  if (parser_ == parser::msgpack)
    return encode_msgpack(type_, nsp_, id_, std::move(arguments_),
                          attachments_);
  text_ += separator_ == '[' ? "[]" : "]";
  auto result = engineio::outgoing::make_message(text_, attachments_);
  if (text_.capacity() <= kept_size)
    text_.swap(spare_text());
  return result;
}

} // namespace observer::socketio
