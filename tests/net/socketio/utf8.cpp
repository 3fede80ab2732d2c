#include "net/socketio/utf8.hpp"

#include <string>

#define CAF_SUITE net.socketio.utf8
#include "tests/test.hpp"

using namespace observer::socketio;

namespace {

/// The character as the pattern of bits of its size has it, be it one or not.
std::string spell(std::uint32_t code, int size) {
  std::string out(static_cast<std::size_t>(size), '\0');
  for (auto i = out.size() - 1; i > 0; --i, code >>= 6)
    out[i] = static_cast<char>(0x80 | (code & 0x3F));
  constexpr std::uint32_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
  out[0] = static_cast<char>(lead[size] | code);
  return out;
}

int size_of(std::uint32_t code) {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

} // namespace

CAF_TEST(every character is one in its shortest spelling only) {
  int wrong = 0;
  for (std::uint32_t code = 0; code < 0x200000; ++code)
    for (int size = size_of(code); size <= 4; ++size) {
      auto right = size == size_of(code) && code <= 0x10FFFF;
      wrong += is_wtf8("a" + spell(code, size) + "b") == right ? 0 : 1;
    }
  CAF_CHECK_EQUAL(wrong, 0);
}

CAF_TEST(a character that is cut is none) {
  for (std::uint32_t code : {0xE9u, 0x20ACu, 0x1F600u}) {
    auto whole = spell(code, size_of(code));
    for (std::size_t size = 1; size < whole.size(); ++size) {
      CAF_CHECK(!is_wtf8(whole.substr(0, size)));
      CAF_CHECK(!is_wtf8(whole.substr(0, size) + "a"));
      CAF_CHECK(!is_wtf8(whole.substr(size)));
    }
  }
  CAF_CHECK(is_wtf8(""));
  CAF_CHECK(!is_wtf8("\xF5\x80\x80\x80"));
  CAF_CHECK(!is_wtf8("\xFF"));
}

CAF_TEST(surrogates are found and nothing else) {
  int found = 0;
  for (std::uint32_t code = 0x800; code < 0x10000; ++code)
    found += is_surrogate(spell(code, 3), 0)
                 == (code >= 0xD800 && code <= 0xDFFF)
               ? 1
               : 0;
  CAF_CHECK_EQUAL(found, 0x10000 - 0x800);
}
