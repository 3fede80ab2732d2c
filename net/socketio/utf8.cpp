#include "net/socketio/utf8.hpp"

namespace observer::socketio {

namespace {

/// Bytes of the character that begins with `first`; 0 if none does. C0 and C1
/// would begin a second spelling of ASCII, F5 and above what is no character.
std::size_t character_size(unsigned char first) {
  if (first < 0x80)
    return 1;
  if (first < 0xC2 || first > 0xF4)
    return 0;
  return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/// Whether `second` may follow `first`: neither a spelling that is longer than
/// need be nor a character beyond the last.
bool may_follow(unsigned char first, unsigned char second) {
  switch (first) {
    case 0xE0:
      return second >= 0xA0;
    case 0xF0:
      return second >= 0x90;
    case 0xF4:
      return second < 0x90;
    default:
      return true;
  }
}

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

} // namespace

bool is_wtf8(std::string_view text) {
  auto byte = [text](std::size_t at) {
    return static_cast<unsigned char>(text[at]);
  };
  for (std::size_t i = 0; i < text.size();) {
    auto first = byte(i);
    auto size = character_size(first);
    if (size == 0 || size > text.size() - i)
      return false;
    if (size > 1 && !may_follow(first, byte(i + 1)))
      return false;
    for (std::size_t k = 1; k < size; ++k)
      if (!is_continuation(byte(i + k)))
        return false;
    i += size;
  }
  return true;
}

} // namespace observer::socketio
