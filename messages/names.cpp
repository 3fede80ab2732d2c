#include "messages/names.hpp"

#include <algorithm>
#include <stdexcept>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>
#include <vector>

namespace observer {

namespace {

constexpr UChar32 zero_width_non_joiner = 0x200C;
constexpr UChar32 zero_width_joiner = 0x200D;
constexpr UChar32 emoji_variation = 0xFE0F;
constexpr UChar32 black_flag = 0x1F3F4;

/// Most names: they need no tables.
bool is_printable_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7F; });
}

/// A code point and the bytes that spell it. What is no UTF-8 is negative.
struct character {
  UChar32 code;
  std::string_view bytes;
};

/// Takes the first character off `text`, which is not empty.
character take_character(std::string_view& text) {
  std::int32_t size = 0;
  UChar32 code = 0;
  U8_NEXT(text.data(), size, static_cast<std::int32_t>(text.size()), code);
  character result{code, text.substr(0, static_cast<std::size_t>(size))};
  text.remove_prefix(result.bytes.size());
  return result;
}

std::vector<UChar32> decode(std::string_view text) {
  std::vector<UChar32> result;
  result.reserve(text.size());
  while (!text.empty())
    result.push_back(take_character(text).code);
  return result;
}

/// Whether `fits` holds for any of them.
template <class F>
bool any_code_point(std::string_view text, F fits) {
  while (!text.empty())
    if (fits(take_character(text).code))
      return true;
  return false;
}

bool has(UChar32 c, UProperty property) {
  return u_hasBinaryProperty(c, property) != 0;
}

bool is_blank(UChar32 c) {
  switch (c) {
    case 0x115F: // Hangul fillers
    case 0x1160:
    case 0x3164:
    case 0xFFA0:
    case 0x2800:  // Braille pattern without dots
    case 0xFEFF:  // white space in JavaScript
    case 0x1D159: // musical symbol null notehead
      return true;
    default:
      return has(c, UCHAR_WHITE_SPACE);
  }
}

// -- what only shows by its neighbours ----------------------------------------

/// A run of code points, and a place in it.
class context {
public:
  context(const std::vector<UChar32>& text, std::size_t at)
    : text_(text),
      at_(at) {
  }

  /// Whether the one at the place joins or parts two others that need it.
  [[nodiscard]] bool may_join() const {
    return is_virama(at_ - 1) || is_virama(at_ + 1) || is_between_cursive()
           || (text_[at_] == zero_width_joiner && is_between_emoji());
  }

  /// Whether the one at the place is one of the tags behind a flag.
  [[nodiscard]] bool is_of_flag() const {
    auto i = at_;
    while (is_tag(i))
      --i;
    return i != at_ && i < text_.size() && text_[i] == black_flag;
  }

private:
  // Indices are unsigned: the one before the first is as far outside as the one
  // behind the last.

  [[nodiscard]] bool is_virama(std::size_t i) const {
    constexpr std::uint8_t virama = 9;
    return i < text_.size() && u_getCombiningClass(text_[i]) == virama;
  }

  [[nodiscard]] bool is_tag(std::size_t i) const {
    return i < text_.size() && text_[i] >= 0xE0020 && text_[i] <= 0xE007F;
  }

  [[nodiscard]] UJoiningType joining(std::size_t i) const {
    return i < text_.size() ? static_cast<UJoiningType>(
             u_getIntPropertyValue(text_[i], UCHAR_JOINING_TYPE))
                            : U_JT_NON_JOINING;
  }

  /// RFC 5892, appendix A.1: letters that would join, marks on them left aside.
  [[nodiscard]] bool is_between_cursive() const {
    auto left = at_ - 1;
    while (joining(left) == U_JT_TRANSPARENT)
      --left;
    auto right = at_ + 1;
    while (joining(right) == U_JT_TRANSPARENT)
      ++right;
    auto before = joining(left);
    auto after = joining(right);
    return (before == U_JT_LEFT_JOINING || before == U_JT_DUAL_JOINING)
           && (after == U_JT_RIGHT_JOINING || after == U_JT_DUAL_JOINING);
  }

  /// UTS 51, emoji ZWJ sequences: what is behind the first may be the colour of
  /// its skin, or that it is to be shown in colours.
  [[nodiscard]] bool is_between_emoji() const {
    auto left = at_ - 1;
    while (left < text_.size()
           && (text_[left] == emoji_variation
               || has(text_[left], UCHAR_EMOJI_MODIFIER)))
      --left;
    return is_pictographic(left) && is_pictographic(at_ + 1);
  }

  [[nodiscard]] bool is_pictographic(std::size_t i) const {
    return i < text_.size() && has(text_[i], UCHAR_EXTENDED_PICTOGRAPHIC);
  }

  const std::vector<UChar32>& text_;
  std::size_t at_;
};

bool is_printable(const std::vector<UChar32>& text, std::size_t at) {
  auto c = text[at];
  if (c < 0 || U_IS_UNICODE_NONCHAR(c))
    return false;
  switch (u_charType(c)) {
    case U_CONTROL_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_SURROGATE:
      return false;
    case U_FORMAT_CHAR:
      if (c == zero_width_non_joiner || c == zero_width_joiner)
        return context{text, at}.may_join();
      return context{text, at}.is_of_flag();
    default:
      return true;
  }
}

/// One space for all in a row, none at the ends.
void collapse_spaces(std::string& text) {
  auto end = std::unique(text.begin(), text.end(),
                         [](char x, char y) { return x == ' ' && y == ' '; });
  text.erase(end, text.end());
  if (text.ends_with(' '))
    text.pop_back();
  if (text.starts_with(' '))
    text.erase(text.begin());
}

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

/// The text with a space for each blank.
std::string with_spaces(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    auto next = take_character(text);
    result += is_blank(next.code) ? " " : next.bytes;
  }
  return result;
}

} // namespace

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

std::string_view trim_blanks(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = text.size();
  for (auto rest = text; !rest.empty();) {
    auto next = take_character(rest);
    if (is_blank(next.code))
      continue;
    end = text.size() - rest.size();
    begin = std::min(begin, end - next.bytes.size());
  }
  return text.substr(begin, end - begin);
}

bool has_blanks(std::string_view text) {
  return any_code_point(text, is_blank);
}

bool is_printable(std::string_view text) {
  if (is_printable_ascii(text))
    return true;
  auto all = decode(text);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!is_printable(all, i))
      return false;
  return true;
}

bool is_visible(std::string_view text) {
  return any_code_point(text, [](UChar32 c) {
    return !is_blank(c) && !has(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);
  });
}

std::string fold_name(std::string_view name) {
  std::string result;
  if (is_printable_ascii(name)) {
    result = name;
    std::transform(result.begin(), result.end(), result.begin(), to_lower);
  } else {
    auto status = U_ZERO_ERROR;
    icu::StringByteSink<std::string> sink{&result};
    if (const auto* form = icu::Normalizer2::getNFKCCasefoldInstance(status))
      form->normalizeUTF8(0, with_spaces(name), sink, nullptr, status);
    if (U_FAILURE(status) != 0)
      throw std::runtime_error(u_errorName(status));
  }
  collapse_spaces(result);
  return result;
}

} // namespace observer
