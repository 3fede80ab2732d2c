#include "net/http/origin.hpp"

#define CAF_SUITE net.http.origin
#include "tests/test.hpp"

using namespace observer::http;

namespace {

const origin_policy same;
const origin_policy listed{{"https://example.org", "http://localhost:8080"}};
const origin_policy all{{"https://example.org", "*"}};

request from(std::string_view origin) {
  request result{verb::get, "/", 11};
  result.set(field::host, "chat.example:3000");
  if (!origin.empty())
    result.set(field::origin, origin);
  return result;
}

request preflight(std::string_view origin) {
  auto result = from(origin);
  result.method(verb::options);
  result.set(field::access_control_request_method, "POST");
  return result;
}

/// The CORS headers of the answer to `in`, one a word.
std::string headers(const origin_policy& policy, const request& in) {
  response out{status::ok, 11};
  policy.add_headers(in, out);
  std::string result;
  for (auto& header : out)
    result += std::string{header.name_string()} + "="
              + std::string{header.value()} + " ";
  return result;
}

} // namespace

CAF_TEST(who is no web page is allowed) {
  CAF_CHECK(same.allows(from("")));
  CAF_CHECK(listed.allows(from("")));
}

CAF_TEST(pages of the own origin are allowed) {
  CAF_CHECK(same.allows(from("http://chat.example:3000")));
  CAF_CHECK(same.allows(from("https://chat.example:3000"))); // behind a proxy
  CAF_CHECK(listed.allows(from("http://chat.example:3000")));
}

CAF_TEST(pages of other origins are not ) {
  for (auto* origin :
       {"http://chat.example", "http://chat.example:3001", "null",
        "http://evil.example", "http://chat.example:3000.evil.example",
        "http://evil.example/http://chat.example:3000", "chat.example:3000",
        "https://example.org"})
    CAF_CHECK(!same.allows(from(origin)));
}

CAF_TEST(listed origins are allowed exactly) {
  CAF_CHECK(listed.allows(from("https://example.org")));
  CAF_CHECK(listed.allows(from("http://localhost:8080")));
  for (auto* origin :
       {"http://example.org", "https://example.org:444",
        "https://www.example.org", "https://example.org.evil", "null"})
    CAF_CHECK(!listed.allows(from(origin)));
}

CAF_TEST(an asterisk allows all but tells nobody to send credentials) {
  CAF_CHECK(all.allows(from("http://evil.example")));
  CAF_CHECK(all.allows(from("null")));
  CAF_CHECK_EQUAL(headers(all, from("http://evil.example")),
                  "Access-Control-Allow-Origin=* ");
  CAF_CHECK_EQUAL(headers(all, from("")), "Access-Control-Allow-Origin=* ");
}

CAF_TEST(an allowed page is named with credentials and caches are told) {
  CAF_CHECK_EQUAL(headers(listed, from("https://example.org")),
                  "Vary=Origin Access-Control-Allow-Origin=https://example.org "
                  "Access-Control-Allow-Credentials=true ");
}

CAF_TEST(a refused page is not reflected) {
  CAF_CHECK_EQUAL(headers(listed, from("http://evil.example")), "Vary=Origin ");
  CAF_CHECK_EQUAL(headers(same, from("http://evil.example")), "");
  CAF_CHECK_EQUAL(headers(same, from("")), "");
}

CAF_TEST(a preflight is an options request that names a method) {
  CAF_CHECK(origin_policy::is_preflight(preflight("https://example.org")));
  auto options = from("https://example.org");
  options.method(verb::options);
  CAF_CHECK(!origin_policy::is_preflight(options));
  options.method(verb::get);
  options.set(field::access_control_request_method, "POST");
  CAF_CHECK(!origin_policy::is_preflight(options));
}

CAF_TEST(a preflight of an allowed page hears what it may) {
  auto in = preflight("https://example.org");
  in.set(field::access_control_request_headers, "x-token");
  auto out = listed.answer_preflight(in);
  CAF_CHECK(out.result() == status::no_content);
  CAF_CHECK_EQUAL(std::string{out[field::access_control_allow_methods]},
                  "GET,HEAD,PUT,PATCH,POST,DELETE");
  CAF_CHECK_EQUAL(std::string{out[field::access_control_allow_headers]},
                  "x-token");
  CAF_CHECK_EQUAL(std::string{out[field::vary]},
                  "Access-Control-Request-Headers");
}

CAF_TEST(a preflight of a refused page hears nothing) {
  auto in = preflight("http://evil.example");
  in.set(field::access_control_request_headers, "x-token");
  auto out = listed.answer_preflight(in);
  CAF_CHECK(out.result() == status::no_content);
  CAF_CHECK(out.begin() == out.end());
}
