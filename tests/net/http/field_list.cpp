#include "net/http/field_list.hpp"

#define CAF_SUITE net.http.field_list
#include "tests/test.hpp"

using namespace observer::http;

namespace {

/// What is left of lines `name: value`, in their order.
std::string combined(
  std::initializer_list<std::pair<std::string_view, std::string_view>> lines) {
  request in{verb::get, "/", 11};
  for (auto& [name, value] : lines)
    in.insert(name, value);
  combine_lines(in);
  std::string result;
  for (auto& line : in)
    result += std::string{line.name_string()} + ": " + std::string{line.value()}
              + "\n";
  return result;
}

} // namespace

CAF_TEST(the lines of a name become one list) {
  CAF_CHECK_EQUAL(
    combined({{"Connection", "keep-alive"}, {"connection", "Upgrade"}}),
    "Connection: keep-alive, Upgrade\n");
  CAF_CHECK_EQUAL(combined({{"X-Own", "a, b"}, {"X-Own", ""}, {"x-own", "c"}}),
                  "X-Own: a, b, , c\n");
}

CAF_TEST(lines in between do not matter and stay as they are) {
  CAF_CHECK_EQUAL(
    combined({{"Host", "a"}, {"X-A", "1"}, {"Accept", "b"}, {"X-A", "2"}}),
    "Host: a\nAccept: b\nX-A: 1, 2\n");
  CAF_CHECK_EQUAL(combined({{"Host", "a"}, {"X-A", "1"}, {"Accept", "b"}}),
                  "Host: a\nX-A: 1\nAccept: b\n");
  CAF_CHECK_EQUAL(combined({}), "");
}

CAF_TEST(cookies are separated in their own way) {
  CAF_CHECK_EQUAL(combined({{"Cookie", "a=1"}, {"Cookie", "b=2; c=3"}}),
                  "Cookie: a=1; b=2; c=3\n");
}

CAF_TEST(the first of a list of tokens) {
  CAF_CHECK_EQUAL(first_token("arduino"), "arduino");
  CAF_CHECK_EQUAL(first_token("a, b"), "a");
  CAF_CHECK_EQUAL(first_token(" , ,a,b"), "a");
  CAF_CHECK_EQUAL(first_token("a\tb"), "a");
  for (auto* none : {"", " ", ",", "\"a\"", "=a", "(a)"})
    CAF_CHECK_EQUAL(first_token(none), "");
}
