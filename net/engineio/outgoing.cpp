#include "net/engineio/outgoing.hpp"

#include "net/engineio/payload_v3.hpp"

namespace observer::engineio {

namespace {

constexpr unsigned char final_text = 0x81;
constexpr unsigned char final_binary = 0x82;
constexpr std::size_t max_header = 10;

void append_frame_header(std::string& out, unsigned char opcode,
                         std::uint64_t size) {
  out.push_back(static_cast<char>(opcode));
  auto append_big_endian = [&](int bytes) {
    for (int i = bytes - 1; i >= 0; --i)
      out.push_back(static_cast<char>(size >> (8 * i)));
  };
  if (size < 126) {
    out.push_back(static_cast<char>(size));
  } else if (size < 65536) {
    out.push_back(126);
    append_big_endian(2);
  } else {
    out.push_back(127);
    append_big_endian(8);
  }
}

} // namespace

outgoing_ptr outgoing::make(packet_type type, std::string_view data) {
  std::shared_ptr<outgoing> result{new outgoing};
  auto type_char = static_cast<char>(type);
  result->text_ = result->add_frame(final_text, {&type_char, 1}, data);
  return result;
}

outgoing_ptr outgoing::make_message(std::string_view text,
                                    std::span<const std::string> attachments) {
  std::shared_ptr<outgoing> result{new outgoing};
  auto size = text.size() + 1 + max_header;
  for (auto& attachment : attachments)
    size += attachment.size() + max_header;
  result->frames_.reserve(size);
  auto type_char = static_cast<char>(packet_type::message);
  result->text_ = result->add_frame(final_text, {&type_char, 1}, text);
  for (auto& attachment : attachments)
    result->binaries_.push_back(
      result->add_frame(final_binary, attachment, {}));
  return result;
}

outgoing_ptr outgoing::make_binary(std::string_view data) {
  std::shared_ptr<outgoing> result{new outgoing};
  result->binaries_.push_back(result->add_frame(final_binary, data, {}));
  return result;
}

outgoing_ptr outgoing::with_text(std::string_view text) const {
  std::shared_ptr<outgoing> result{new outgoing};
  result->frames_.reserve(frames_.size() + text.size());
  auto type_char = static_cast<char>(packet_type::message);
  result->text_ = result->add_frame(final_text, {&type_char, 1}, text);
  for (auto& binary : binaries_)
    result->binaries_.push_back(
      result->add_frame(final_binary, bytes(binary), {}));
  return result;
}

outgoing::part outgoing::add_frame(unsigned char opcode, std::string_view first,
                                   std::string_view second) {
  auto size = first.size() + second.size();
  append_frame_header(frames_, opcode, size);
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
  std::shared_ptr<outgoing> result{new outgoing};
  if (packets->text_.size > 0)
    result->text_ = result->add_frame(final_text,
                                      packets->bytes(packets->text_), {});
  for (auto& binary : packets->binaries_)
    result->binaries_.push_back(result->add_frame(
      final_binary, {&binary_message_v3, 1}, packets->bytes(binary)));
  return result;
}

} // namespace observer::engineio
