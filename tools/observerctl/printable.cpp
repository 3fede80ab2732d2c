#include "tools/observerctl/printable.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace observer {

namespace {

constexpr char32_t replacement = 0xFFFD;

bool commands_terminals(char32_t x) {
  return x < 0x20 || (x >= 0x7F && x <= 0x9F)         // C0, DEL, C1
         || x == 0x061C || x == 0x200E || x == 0x200F // bidirectional marks
         || (x >= 0x2028 && x <= 0x202E)  // separators, embeddings, overrides
         || (x >= 0x2066 && x <= 0x2069)  // isolates
         || (x >= 0xD800 && x <= 0xDFFF); // surrogates: half a character
}

/// The code point at the beginning of `text`, and its bytes. One byte of
/// something else is a `replacement`.
std::pair<char32_t, std::size_t> first_of(std::string_view text) {
  auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  auto lead = byte(0);
  if (lead < 0x80)
    return {lead, 1};
  std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  char32_t value = lead & (0x7FU >> size);
  auto good = lead >= 0xC2 && lead <= 0xF4;
  for (std::size_t i = 1; i < size; ++i) {
    good = good && (byte(i) & 0xC0U) == 0x80;
    value = value << 6U | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  if (!good || value < least[size] || value > 0x10FFFF)
    return {replacement, 1};
  return {value, size};
}

} // namespace

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    auto [value, size] = first_of(text);
    auto broken = value == replacement && size == 1;
    if (broken || commands_terminals(value)) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x",
                    static_cast<unsigned>(value));
      result += escape.data();
    } else {
      result += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return result;
}

} // namespace observer
