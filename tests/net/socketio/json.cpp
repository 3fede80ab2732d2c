#include "net/socketio/json.hpp"

#include <cmath>

#define CAF_SUITE net.socketio.json
#include "tests/test.hpp"

using namespace observer::socketio;

namespace {

/// What a text reads as, written again.
std::string rewrite(std::string_view text) {
  auto value = parse_json(text, {.depth = 8});
  if (!value)
    return "error";
  std::string out;
  append_json(out, *value);
  return out;
}

std::string quote(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string write(double number) {
  std::string out;
  append_json(out, number);
  return out;
}

} // namespace

CAF_TEST(what needs no escape ends at the first byte that does) {
  auto is_special = [](int c) {
    return c < 0x20 || c == '"' || c == '\\' || c == 0xED;
  };
  std::string wrong;
  for (std::size_t size = 0; size <= 40; ++size) // all widths, and their rests
    for (std::size_t place = 0; place < size; ++place)
      for (int c = 0; c < 256; ++c) {
        std::string text(size, 'x');
        text[place] = static_cast<char>(c);
        for (auto behind = place + 1; behind < size; ++behind)
          text[behind] = behind % 2 == 0 ? '"' : '!';
        auto expected = place;
        while (expected < size
               && !is_special(static_cast<unsigned char>(text[expected])))
          ++expected;
        if (plain_prefix(text) != expected)
          wrong += std::to_string(size) + "," + std::to_string(place) + ","
                   + std::to_string(c) + " ";
      }
  CAF_CHECK_EQUAL(wrong, "");
  CAF_CHECK_EQUAL(plain_prefix(std::string(100, 'x')), 100u);
}

CAF_TEST(values are written as they were read) {
  for (std::string text :
       {"null", "true", "false", "0", "-1", "9223372036854775807",
        "-9223372036854775808", "18446744073709551615", "1.5", "\"\"",
        "\"text\"", "[]", "{}", "[1,[2,[]],{\"a\":{}}]",
        "{\"z\":1,\"a\":2,\"\":3}"})
    CAF_CHECK_EQUAL(rewrite(text), text);
}

CAF_TEST(blanks between values are not kept) {
  CAF_CHECK_EQUAL(rewrite(" { \"a\" : [ 1 ,\t2 ] }\r\n"), "{\"a\":[1,2]}");
}

CAF_TEST(fractions keep every bit) {
  // Boost.JSON 1.81 by itself reads each of these a bit off.
  for (std::string text :
       {"0.13387664401253274", "0.9682023094898389", "0.1356163351547218",
        "7.737512574056466e+133", "5e-324", "1.7976931348623157e+308",
        "2.2250738585072014e-308", "0.30000000000000004"})
    CAF_CHECK_EQUAL(rewrite(text), text);
  CAF_CHECK_EQUAL(rewrite("18446744073709551617"), "18446744073709551616");
}

CAF_TEST(numbers that json or javascript lack become the nearest) {
  CAF_CHECK_EQUAL(rewrite("-0"), "0");
  CAF_CHECK_EQUAL(rewrite("-0.0"), "0");
  CAF_CHECK_EQUAL(rewrite("1e400"), "null");
  CAF_CHECK_EQUAL(rewrite("1e-400"), "0");
  CAF_CHECK_EQUAL(write(std::nan("")), "null");
  CAF_CHECK_EQUAL(write(-INFINITY), "null");
}

CAF_TEST(what is no json is an error) {
  for (std::string_view text : {"",
                                " ",
                                "nul",
                                "01",
                                "1.",
                                "-",
                                "+1",
                                ".5",
                                "'a'",
                                "\"a",
                                "\"\t\"",
                                "\"\\x\"",
                                "\"\\u12\"",
                                "[1,]",
                                "[1 2]",
                                "{\"a\"}",
                                "{a:1}",
                                "[",
                                "]",
                                "1 2",
                                "[]]",
                                "/**/1",
                                "NaN",
                                "Infinity",
                                "\"\xFF\"",
                                "\"\xED\xA0\xBD\"",
                                "\xEF\xBB\xBF{}"})
    CAF_CHECK_EQUAL(rewrite(text), "error");
}

CAF_TEST(every cut of a value but the whole is an error) {
  const std::string_view whole
    = R"({"a":[1.5e3,"x\ud83dy\u00e9",true,null,{"b":-7}]})";
  for (std::size_t size = 0; size < whole.size(); ++size)
    CAF_CHECK_EQUAL(rewrite(whole.substr(0, size)), "error");
  CAF_CHECK_NOT_EQUAL(rewrite(whole), "error");
}

CAF_TEST(nesting is limited) {
  auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CAF_CHECK_EQUAL(rewrite(nested(8)), nested(8));
  CAF_CHECK_EQUAL(rewrite(nested(9)), "error");
  CAF_CHECK_EQUAL(rewrite(std::string(100'000, '[')), "error");
}

CAF_TEST(members of one object are limited and those of the same name count) {
  auto read = [](std::string_view text) {
    auto value = parse_json(text, {.members = 2});
    return value ? std::string{} : value.error().message();
  };
  CAF_CHECK_EQUAL(read(R"([{"a":1,"b":2},{"c":{"d":3,"e":4},"f":5}])"), "");
  for (auto text : {R"({"a":1,"b":2,"c":3})", R"([{"x":{"a":1,"b":2,"c":3}}])",
                    R"({"a":1,"a":2,"a":3})", R"({"\ud83d":1,"b":2,"c":3})"})
    CAF_CHECK_EQUAL(read(text), "too many members of an object");
}

CAF_TEST(strings are escaped where they must be and nowhere else) {
  CAF_CHECK_EQUAL(quote("a\"b\\c/d"), R"("a\"b\\c/d")");
  CAF_CHECK_EQUAL(quote("\n\r\t"), R"("\n\r\t")");
  CAF_CHECK_EQUAL(quote(std::string_view{"\0\x1e\x1f\x7f", 4}),
                  "\"\\u0000\\u001e\\u001f\x7f\"");
  CAF_CHECK_EQUAL(quote("\xC3\xA9\xF0\x9F\x98\x80"),
                  "\"\xC3\xA9\xF0\x9F\x98\x80\"");
}

CAF_TEST(what is escaped does not depend on its place) {
  auto written = [](std::string_view text) {
    auto out = quote(text);
    return out.substr(1, out.size() - 2);
  };
  const std::string plain = "plain text, \xC3\xA4 letter";
  for (int code = 0; code < 0x80; ++code) {
    const std::string one(1, static_cast<char>(code));
    const auto escaped = written(one);
    for (std::size_t at = 0; at < 18; ++at) {
      auto in = plain;
      in.insert(at < 13 ? at : at + 1, one); // not within the letter
      auto expected = plain;
      expected.insert(at < 13 ? at : at + 1, escaped);
      CAF_CHECK_EQUAL(written(in), expected);
    }
  }
}

CAF_TEST(keys are escaped like any string) {
  CAF_CHECK_EQUAL(rewrite(R"({"a\"\u0001":1})"), R"({"a\"\u0001":1})");
}

CAF_TEST(lone surrogates are written as they were read) {
  for (std::string text : {R"("\ud83d")", R"("\udc00")", R"("a\udc00b\ud83d")",
                           R"("\ud83d\ud83d")", R"({"\ud800":1})"})
    CAF_CHECK_EQUAL(rewrite(text), text);
  CAF_CHECK_EQUAL(rewrite(R"("\uD83D")"), R"("\ud83d")");
  CAF_CHECK_EQUAL(rewrite(R"("\ud83d\ude00")"), "\"\xF0\x9F\x98\x80\"");
  CAF_CHECK_EQUAL(rewrite(R"("\\ud83d")"), R"("\\ud83d")");
  CAF_CHECK_EQUAL(rewrite("[\"\\ud83d\",\"\xFF\"]"), "error");
}
