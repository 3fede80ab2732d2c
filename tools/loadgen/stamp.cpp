#include "tools/loadgen/stamp.hpp"

namespace observer::loadgen {

namespace {

void put(char*& at, std::uint64_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    at[i] = "0123456789abcdef"[value & 0xF];
    value >>= 4;
  }
  at += digits;
}

/// False, and `value` as it was, behind the first character that is no digit.
template <class T>
bool take(std::string_view& in, T& value, std::size_t digits) {
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    auto c = in[i];
    if (c >= '0' && c <= '9')
      result = result << 4 | static_cast<std::uint64_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      result = result << 4 | static_cast<std::uint64_t>(c - 'a' + 10);
    else
      return false;
  }
  in.remove_prefix(digits);
  value = static_cast<T>(result);
  return true;
}

} // namespace

void append_stamp(std::string& out, const stamp& x) {
  char text[stamp_size];
  char* at = text;
  *at++ = stamp_mark;
  put(at, x.room, 6);
  put(at, x.sender, 6);
  put(at, x.number, 8);
  put(at, x.sent, 14);
  out.append(text, stamp_size);
}

std::optional<stamp> read_stamp(std::string_view in) {
  if (in.size() < stamp_size || in.front() != stamp_mark)
    return {};
  in.remove_prefix(1);
  stamp result;
  if (take(in, result.room, 6) && take(in, result.sender, 6)
      && take(in, result.number, 8) && take(in, result.sent, 14))
    return result;
  return {};
}

} // namespace observer::loadgen
