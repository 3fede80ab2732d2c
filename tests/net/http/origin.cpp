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

CAF_TEST(programs that write an origin in another form are of the own one) {
  request in{verb::get, "/", 11};
  for (auto [host, origin] : {
         std::pair{"chat.example:443", "wss://chat.example"},    // Starscream
         std::pair{"chat.example", "https://chat.example:443/"}, // React Native
         std::pair{"chat.example:3000", "http://chat.example:3000/chat"}, // Go
         std::pair{"Chat.Example:3000", "http://chat.example:3000"},
       }) {
    in.set(field::host, host);
    in.set(field::origin, origin);
    CAF_CHECK(same.allows(in));
  }
}

CAF_TEST(an origin on two lines is none) {
  auto in = from("http://chat.example:3000");
  in.set(field::origin, "http://chat.example:3000, http://chat.example:3000");
  CAF_CHECK(!same.allows(in));
}

CAF_TEST(apps and devices can be listed) {
  const std::string_view names[] = {"capacitor://localhost",
                                    "ionic://localhost",
                                    "tauri://localhost",
                                    "app://.",
                                    "file://",
                                    "null",
                                    "chrome-extension://abcdefghijklmnop"};
  for (auto name : names) {
    CAF_CHECK(!same.allows(from(name)));
    const origin_policy policy{{std::string{name}}};
    for (auto other : names)
      CAF_CHECK_EQUAL(policy.allows(from(other)), name == other);
    CAF_CHECK(!policy.allows(from("http://localhost")));
  }
}

CAF_TEST(a list takes origins in any form) {
  const origin_policy policy{{"HTTPS://Example.Org:443", "ws://example.com"}};
  CAF_CHECK(policy.allows(from("https://example.org")));
  CAF_CHECK(policy.allows(from("http://example.com:80")));
  CAF_CHECK(!policy.allows(from("https://example.com")));
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

namespace {

/// Whether the page of `host` itself, or `origin`, may call us by that name.
bool trusts(const origin_policy& policy, std::string_view host,
            host_rule rule = host_rule::pages, std::string_view origin = {}) {
  request in{verb::get, "/", 11};
  in.set(field::host, host);
  in.set(field::origin,
         origin.empty() ? "http://" + std::string{host} : std::string{origin});
  return policy.trusts_host(in, rule);
}

} // namespace

CAF_TEST(addresses and localhost are known) {
  for (auto* host : {"127.0.0.1:3000", "192.168.1.5", "[::1]:3000", "localhost",
                     "LocalHost:3000", "chat.localhost:3000"})
    for (auto rule : {host_rule::pages, host_rule::all})
      CAF_CHECK(trusts(same, host, rule));
}

CAF_TEST(a page cannot make a name up) {
  for (auto* host : {"evil.example:3000", "localhost.evil.example",
                     "evillocalhost", "127.0.0.1.evil.example", "", "a b"}) {
    CAF_CHECK(!trusts(same, host));
    CAF_CHECK(!trusts(same, host, host_rule::all));
    CAF_CHECK(trusts(same, host, host_rule::nobody));
  }
}

CAF_TEST(names are known that the server was told) {
  const origin_policy named{{"https://app.example", "app://desktop"},
                            {"Chat.Example", "intranet"}};
  for (auto* host : {"chat.example", "CHAT.example:3000", "intranet",
                     "app.example:3000", "localhost"})
    CAF_CHECK(trusts(named, host));
  for (auto* host : {"www.chat.example", "example", "desktop", "evil.example"})
    CAF_CHECK(!trusts(named, host));
}

CAF_TEST(a page that is listed may come by any name) {
  auto origin = "https://example.org";
  CAF_CHECK(trusts(listed, "chat.example", host_rule::pages, origin));
  CAF_CHECK(!trusts(listed, "chat.example", host_rule::all, origin));
  CAF_CHECK(trusts(all, "chat.example"));
  CAF_CHECK(!trusts(all, "chat.example", host_rule::all));
}

CAF_TEST(a page that reads without an origin is told by its browser) {
  auto read_with = [](std::string_view name, std::string_view value) {
    auto result = from("");
    result.set(name, value);
    return same.trusts_host(result, host_rule::pages);
  };
  CAF_CHECK(!read_with("Sec-Fetch-Site", "same-origin"));
  CAF_CHECK(!read_with("Referer", "http://chat.example:3000/"));
  CAF_CHECK(!read_with("User-Agent", "Mozilla/5.0 (X11; Linux x86_64)"));
  for (auto* program : {"curl/7.88.1", "okhttp/4.12.0", "Dart/3.4", ""})
    CAF_CHECK(read_with("User-Agent", program));
}

CAF_TEST(who is no page is asked for a known name only where all are) {
  CAF_CHECK(same.trusts_host(from(""), host_rule::pages));
  CAF_CHECK(!same.trusts_host(from(""), host_rule::all));
}
