#include "net/engineio/outgoing.hpp"

#include "net/engineio/payload_v3.hpp"

#include <algorithm>

namespace observer::engineio {

using websocket::opcode;

outgoing_ptr outgoing::make(packet_type type, std::string_view data) {
  auto result = std::make_shared<outgoing>(token{});
  auto type_char = static_cast<char>(type);
  result->text_ = result->add_frame(opcode::text, {&type_char, 1}, data);
  return result;
}

outgoing_ptr outgoing::make_message(std::string_view text,
                                    std::span<const std::string> attachments) {
  auto result = std::make_shared<outgoing>(token{});
  auto size = text.size() + 1 + websocket::max_header_size;
  for (auto& attachment : attachments)
    size += attachment.size() + websocket::max_header_size;
  result->frames_.reserve(size);
  auto type_char = static_cast<char>(packet_type::message);
  result->text_ = result->add_frame(opcode::text, {&type_char, 1}, text);
  for (auto& attachment : attachments)
    result->binaries_.push_back(
      result->add_frame(opcode::binary, attachment, {}));
  return result;
}

outgoing_ptr outgoing::make_binary(std::string_view data) {
  auto result = std::make_shared<outgoing>(token{});
  result->binaries_.push_back(result->add_frame(opcode::binary, data, {}));
  return result;
}

outgoing::part outgoing::add_frame(opcode kind, std::string_view first,
                                   std::string_view second, bool compressed) {
  auto size = first.size() + second.size();
  websocket::append_frame_header(frames_, kind, size, compressed);
  part result{frames_.size(), size};
  frames_.append(first).append(second);
  return result;
}

void outgoing::append_to_payload(std::string& out) const {
  auto separate = [&] {
    if (!out.empty())
      out.push_back(payload_separator);
  };
  if (text_.size > 0) {
    separate();
    out.append(frames_, text_.begin, text_.size);
  }
  for (auto& binary : binaries_) {
    separate();
    out.push_back('b');
    append_base64(out, bytes(binary));
  }
}

void outgoing::append_to_payload_v3(std::string& out) const {
  if (text_.size > 0)
    append_text_v3(out, bytes(text_));
  for (auto& binary : binaries_)
    append_binary_v3(out, bytes(binary));
}

outgoing_ptr outgoing::to_v3(const outgoing_ptr& packets) {
  if (packets->binaries_.empty())
    return packets;
  auto result = std::make_shared<outgoing>(token{});
  if (packets->text_.size > 0)
    result->text_ = result->add_frame(opcode::text,
                                      packets->bytes(packets->text_), {});
  for (auto& binary : packets->binaries_)
    result->binaries_.push_back(result->add_frame(
      opcode::binary, {&binary_message_v3, 1}, packets->bytes(binary)));
  return result;
}

outgoing_ptr outgoing::deflate(const outgoing_ptr& packets, std::size_t above,
                               websocket::deflater& with) {
  auto is_large = [above](const part& x) { return x.size >= above; };
  if (!is_large(packets->text_)
      && std::none_of(packets->binaries_.begin(), packets->binaries_.end(),
                      is_large))
    return packets;
  auto result = std::make_shared<outgoing>(token{});
  auto add = [&](opcode kind, const part& x) {
    auto data = packets->bytes(x);
    return is_large(x) ? result->add_frame(kind, with.deflate(data), {}, true)
                       : result->add_frame(kind, data, {});
  };
  if (packets->text_.size > 0)
    result->text_ = add(opcode::text, packets->text_);
  for (auto& binary : packets->binaries_)
    result->binaries_.push_back(add(opcode::binary, binary));
  return result;
}

} // namespace observer::engineio
