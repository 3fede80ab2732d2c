#include "messages/names.hpp"

#define CAF_SUITE messages.names
#include "tests/test.hpp"

using namespace observer;
using namespace std::string_literals;

namespace {

/// The UTF-8 of one code point, surrogates included.
std::string of(char32_t c) {
  auto tail = [c](int shift) {
    return static_cast<char>(0x80 | ((c >> shift) & 0x3F));
  };
  if (c < 0x80)
    return {static_cast<char>(c)};
  if (c < 0x800)
    return {static_cast<char>(0xC0 | (c >> 6)), tail(0)};
  if (c < 0x10000)
    return {static_cast<char>(0xE0 | (c >> 12)), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | (c >> 18)), tail(12), tail(6), tail(0)};
}

std::string of(std::u32string_view text) {
  std::string result;
  for (auto c : text)
    result += of(c);
  return result;
}

std::string trimmed(const std::string& text) {
  return std::string{trim_blanks(text)};
}

} // namespace

CAF_TEST(characters are code points) {
  CAF_CHECK_EQUAL(count_code_points(""), 0u);
  CAF_CHECK_EQUAL(count_code_points("aé日😀"), 4u);
  CAF_CHECK_EQUAL(count_code_points(of(0xD83D)), 1u);
}

CAF_TEST(blanks around a text are cut off) {
  for (char32_t blank : {0x09,   0x0A,   0x0D,   0x20,   0x85,   0xA0,   0x115F,
                         0x1160, 0x1680, 0x2003, 0x2028, 0x2029, 0x202F, 0x205F,
                         0x2800, 0x3000, 0x3164, 0xFEFF, 0xFFA0, 0x1D159}) {
    auto x = of(blank);
    CAF_CHECK_EQUAL(trimmed(x + x + "A" + x + "d" + x), "A" + x + "d");
    CAF_CHECK_EQUAL(trimmed(x), "");
    CAF_CHECK(has_blanks("A" + x));
  }
  for (std::string same : {""s, "Ada"s, of(0x200B), of(0xD83D), "é"s,
                           of(U"\u2764\uFE0F"), "\x80\x80"s}) {
    CAF_CHECK_EQUAL(trimmed(same), same);
    CAF_CHECK_EQUAL(trimmed(" " + same + " "), same);
    CAF_CHECK(!has_blanks(same));
  }
}

CAF_TEST(letters and marks and signs of all scripts are printable) {
  for (std::u32string_view text : {
         U"Ada Lovelace",
         U"Zoë d’Arc-Löw (2)",
         U"e\u0301",
         U"Łódź",
         U"日本語　名前",
         U"한국어",
         U"Ελλάς",
         U"שלום",
         U"עִבְרִית",
         U"مرحبا",
         U"ภาษาไทย",
         U"a\u00A0b",
         U"葛\U000E0100", // with a variation of its form
         U"\uE000",       // private use: somebody's own
         U"\U0001FAF8",   // newer than the tables of some
         U"!?€∑½♥",
       })
    CAF_CHECK(is_printable(of(text)));
}

CAF_TEST(emoji are printable) {
  for (std::u32string_view text : {
         U"😀",
         U"\u2764\uFE0F",               // red heart
         U"👨\u200D👩\u200D👧",            // family
         U"👩🏽\u200D🚀",         // with a skin colour
         U"🏳\uFE0F\u200D🌈",       // rainbow flag
         U"👁\uFE0F\u200D🗨\uFE0F", // with two variations
         U"🙋\u200D\u2640\uFE0F",        // with a sign
         U"🇩🇪",                         // flag
         U"1\uFE0F\u20E3",              // keycap
         U"🏴\U000E0067\U000E0062\U000E0065\U000E006E\U000E0067\U000E007F",
       })
    CAF_CHECK(is_printable(of(text)));
}

CAF_TEST(joiners are printable where scripts need them) {
  for (std::u32string_view text : {
         U"می\u200Cخواهم",      // Persian
         U"نامه\u064E\u200Cای", // a mark before it
         U"क\u094D\u200Dष",     // Devanagari
         U"क\u094D\u200Cष",
         U"ර\u0DCA\u200Dය", // Sinhala
         U"ন\u09CD\u200D",  // Bengali
         U"র\u200D\u09CDয",
         U"ന\u0D4D\u200D", // Malayalam
       })
    CAF_CHECK(is_printable(of(text)));
  for (std::u32string_view text : {
         U"A\u200Db",
         U"A\u200Cb",
         U"Ada\u200D",
         U"\u200DAda",
         U"\u200C",
         U"😀\u200D",
         U"\u200D😀",
         U"😀\u200Da",
         U"😀\u200C😀",
         U"日\u200D本",
         U"می\u200C",
         U"ا\u200Cا", // an alef joins nothing behind it
         U"می\u200C\u200Cخواهم",
       })
    CAF_CHECK(!is_printable(of(text)));
}

CAF_TEST(what controls or formats is not printable) {
  for (char32_t c :
       {0x00,    0x09,    0x0A,   0x1B,   0x7F,    0x80,    0x85,
        0x9F,    0xAD,    0x061C, 0x180E, 0x200B,  0x200E,  0x200F,
        0x2028,  0x2029,  0x202A, 0x202E, 0x2060,  0x2066,  0x2069,
        0x206F,  0xFEFF,  0xFFF9, 0xFFFE, 0xFDD0,  0x1D173, 0xE0001,
        0xE0041, 0xE007F, 0xD83D, 0xDE00, 0x10FFFF}) {
    CAF_CHECK(!is_printable(of(c)));
    CAF_CHECK(!is_printable("Ada" + of(c)));
    CAF_CHECK(!is_printable(of(c) + "é"));
  }
  CAF_CHECK(!is_printable("\xFF"));
  CAF_CHECK(!is_printable(of(U"😀\U000E0067\U000E007F")));
}

CAF_TEST(what shows nothing is not visible) {
  for (std::u32string_view text :
       {U"", U" \u00A0\u3000", U"\u3164", U"\u115F\u1160", U"\uFFA0", U"\u2800",
        U"\u034F", U"\uFE0F", U"\u17B4", U"\u180B", U"\u200B",
        U"\u2800\uFE0F \U000E0100"})
    CAF_CHECK(!is_visible(of(text)));
  for (std::u32string_view text : {U"a", U"\u3164a", U"\u0301", U"❤\uFE0F"})
    CAF_CHECK(is_visible(of(text)));
}

CAF_TEST(names that look alike fold to the same) {
  auto check = [](std::u32string_view text, std::u32string_view folded) {
    auto result = fold_name(of(text));
    CAF_CHECK_EQUAL(result, of(folded));
    CAF_CHECK_EQUAL(fold_name(result), result);
  };
  check(U"", U"");
  check(U"Ada", U"ada");
  check(U"ADA  b ", U"ada b");
  check(U"\u00A0Ada\u2003\u3000B", U"ada b");
  check(U"Ada\u2800", U"ada");
  check(U"A\u3164da", U"a da");
  check(U"Ada\u200B", U"ada");
  check(U"A\u00ADda\uFE0F", U"ada");
  check(U"E\u0301mile", U"émile");
  check(U"Émile", U"émile");
  check(U"Straße", U"strasse");
  check(U"ΣΊΣΥΦΟΣ", U"σίσυφοσ");
  check(U"Ａｄａ", U"ada");
  check(U"ﬁn", U"fin");
  check(U"Ⅳ", U"iv");
  check(U"می\u200Cخواهم", U"میخواهم");
  check(U"日本", U"日本");
}

CAF_TEST(names that look different do not ) {
  for (auto [one, other] :
       {std::pair{"Ada", "Adä"}, {"Ada", "A da"}, {"o", "0"}, {"日", "曰"}})
    CAF_CHECK_NOT_EQUAL(fold_name(one), fold_name(other));
}

CAF_TEST(any text folds) {
  auto surrogate = of(0xD83D);
  CAF_CHECK_EQUAL(fold_name(fold_name("A" + surrogate)),
                  fold_name("a" + surrogate));
  CAF_CHECK_NOT_EQUAL(fold_name("A" + surrogate), fold_name("A"));
  CAF_CHECK_EQUAL(fold_name("\n A\0b\x1F"s), "a\0b\x1F"s);
}
