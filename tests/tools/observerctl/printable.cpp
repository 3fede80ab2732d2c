#include "tools/observerctl/printable.hpp"

#include "tools/observerctl/table.hpp"

#include <sstream>

#define CAF_SUITE tools.observerctl.printable
#include "tests/test.hpp"

using observer::printable;

CAF_TEST(text stays as it is) {
  for (auto* text : {"", "Tea at four", "\u00e4\u00f6 \u4f60\u597d \U0001f600",
                     "C:\\n", "\u00a0", "\ufffd"})
    CAF_CHECK_EQUAL(printable(text), text);
}

CAF_TEST(what a terminal would obey is escaped) {
  CAF_CHECK_EQUAL(printable("a\x1b[2Jb\n\t\x7f"),
                  R"(a\u001b[2Jb\u000a\u0009\u007f)");
  CAF_CHECK_EQUAL(printable("\u009b31m \u0080\u009f"),
                  R"(\u009b31m \u0080\u009f)");
  CAF_CHECK_EQUAL(printable(std::string_view{"a\0b", 3}), R"(a\u0000b)");
}

CAF_TEST(what would turn a line around is escaped) {
  CAF_CHECK_EQUAL(printable("\u202a\u202e\u2066\u2069\u200f\u061c\u2028"),
                  R"(\u202a\u202e\u2066\u2069\u200f\u061c\u2028)");
}

CAF_TEST(bytes that are no character are escaped) {
  CAF_CHECK_EQUAL(printable("a\x9b\x31"), R"(a\ufffd1)");
  CAF_CHECK_EQUAL(printable("\xc3"), R"(\ufffd)");
  CAF_CHECK_EQUAL(printable("\xc0\x8a"), R"(\ufffd\ufffd)");
  CAF_CHECK_EQUAL(printable("\xf4\x90\x80\x80"), R"(\ufffd\ufffd\ufffd\ufffd)");
  CAF_CHECK_EQUAL(printable("\xed\xa0\xbd!"), R"(\ud83d!)");
}

CAF_TEST(tables show their cells so) {
  observer::table out{{"NAME"}};
  out.add({"\u009b2J\nTea"});
  std::ostringstream text;
  out.print(text);
  CAF_CHECK_EQUAL(text.str(), "NAME\n\\u009b2J\\u000aTea\n");
}
