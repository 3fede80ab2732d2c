#include "net/http/target.hpp"

#define CAF_SUITE net.http.target
#include "tests/test.hpp"

using namespace observer::http;

namespace {

std::string show(std::string_view query) {
  std::string result;
  for (auto& [name, value] : parse_query(query))
    result += "[" + name + "=" + value + "]";
  return result;
}

/// Target and Host of a request that came with Host `front`.
std::string origin_form(std::string_view target) {
  request in{verb::get, target, 11};
  in.set(field::host, "front");
  to_origin_form(in);
  return std::string{in.target()} + " " + std::string{in[field::host]};
}

} // namespace

CAF_TEST(a target is a path and a query) {
  auto parts = split_target("/socket.io/?EIO=4?5#end?");
  CAF_CHECK_EQUAL(parts.path, "/socket.io/");
  CAF_CHECK_EQUAL(parts.query, "EIO=4?5");
  CAF_CHECK_EQUAL(split_target("/a").path, "/a");
  CAF_CHECK_EQUAL(split_target("/a").query, "");
  CAF_CHECK_EQUAL(split_target("").path, "");
  CAF_CHECK_EQUAL(split_target("/a#b?c").path, "/a");
}

CAF_TEST(a query is decoded as that of a form) {
  CAF_CHECK_EQUAL(show("a=1&b=2"), "[a=1][b=2]");
  CAF_CHECK_EQUAL(show("a=1&a=2"), "[a=1][a=2]");
  CAF_CHECK_EQUAL(show("a%26b=c%3Dd"), "[a&b=c=d]");
  CAF_CHECK_EQUAL(show("a+b=c+d%2B"), "[a b=c d+]");
  CAF_CHECK_EQUAL(show("%c3%BC=%41"), "[\xC3\xBC=A]");
  CAF_CHECK_EQUAL(show("a=b=c"), "[a=b=c]");
  CAF_CHECK_EQUAL(show("a&b=&=c&&="), "[a=][b=][=c][=]");
  CAF_CHECK_EQUAL(show(""), "");
}

CAF_TEST(characters that nobody encodes spoil no query) {
  for (std::string text : {"filter[a]", "{1}", "a|b", "a^b", "`", "\\", "<b>",
                           "\"", "a:/@b", "\xC3\xBC"})
    CAF_CHECK_EQUAL(show("k=" + text + "&EIO=4"), "[k=" + text + "][EIO=4]");
}

CAF_TEST(a percent sign that encodes nothing stands for itself) {
  for (std::string text : {"50%", "50%off", "%2", "%zz", "%4", "%%", "%+1"})
    CAF_CHECK_EQUAL(show("EIO=4&k=" + text),
                    "[EIO=4][k=" + (text == "%+1" ? "% 1" : text) + "]");
  CAF_CHECK_EQUAL(show("%%41=%4%31"), "[%A=%41]");
}

CAF_TEST(an absolute target is a path and names the host) {
  CAF_CHECK_EQUAL(origin_form("http://chat.example/a?b=c"),
                  "/a?b=c chat.example");
  CAF_CHECK_EQUAL(origin_form("HTTPS://[::1]:3000/"), "/ [::1]:3000");
  CAF_CHECK_EQUAL(origin_form("http://chat.example"), "/ chat.example");
  CAF_CHECK_EQUAL(origin_form("http://chat.example?b"), "/?b chat.example");
  CAF_CHECK_EQUAL(origin_form("http://a//b/http://c"), "//b/http://c a");
}

CAF_TEST(all other targets stay) {
  for (std::string target :
       {"/", "/a?b=http://c/d", "*", "chat.example:80", "ftp://chat.example/a",
        "http:///a", "http://a@b/", "http://", "://a/b", "x"})
    CAF_CHECK_EQUAL(origin_form(target), target + " front");
}
