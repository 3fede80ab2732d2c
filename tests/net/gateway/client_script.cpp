#include "net/gateway/client_script.hpp"

#include <array>

#define CAF_SUITE net.gateway.client_script
#include "tests/test.hpp"

using namespace observer;
using namespace observer::gateway;
using http::field;
using http::status;

namespace {

struct fixture {
  client_script script{{{"a.js", "text/a", "t1", "plain", "zipped", "brotli"}}};

  http::response ask(std::string_view name, std::string_view codings = {},
                     std::string_view known = {}) {
    http::request in;
    if (!codings.empty())
      in.set(field::accept_encoding, codings);
    if (!known.empty())
      in.set(field::if_none_match, known);
    return script.serve(in, name);
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(client_script_tests, fixture)

CAF_TEST(the best coding that the client takes is served) {
  for (auto [codings, body, coding, tag] :
       {std::array{"", "plain", "", "\"t1\""},
        std::array{"gzip", "zipped", "gzip", "\"t1-gzip\""},
        std::array{"gzip, deflate, br", "brotli", "br", "\"t1-br\""},
        std::array{"gzip, br;q=0", "zipped", "gzip", "\"t1-gzip\""},
        std::array{"deflate", "plain", "", "\"t1\""}}) {
    auto answer = ask("a.js", codings);
    CAF_CHECK(answer.result() == status::ok);
    auto text = *answer.body();
    auto encoding = std::string{answer[field::content_encoding]};
    auto etag = std::string{answer[field::etag]};
    auto type = std::string{answer[field::content_type]};
    auto vary = std::string{answer[field::vary]};
    auto control = std::string{answer[field::cache_control]};
    CAF_CHECK_EQUAL(text, body);
    CAF_CHECK_EQUAL(encoding, coding);
    CAF_CHECK_EQUAL(etag, tag);
    CAF_CHECK_EQUAL(type, "text/a");
    CAF_CHECK_EQUAL(vary, "Accept-Encoding");
    CAF_CHECK_EQUAL(control, "public, max-age=0");
  }
}

CAF_TEST(who has it already hears that it is the same) {
  for (const auto* known :
       {"\"t1-br\"", "W/\"t1-br\"", "\"x\", \"t1-br\"", "*"}) {
    auto answer = ask("a.js", "br", known);
    CAF_CHECK(answer.result() == status::not_modified);
    CAF_CHECK_EQUAL(answer.body().size(), 0U);
    auto etag = std::string{answer[field::etag]};
    CAF_CHECK_EQUAL(etag, "\"t1-br\"");
  }
  for (const auto* other : {"\"t1\"", "t1-br", "\"t2-br\"", ","})
    CAF_CHECK(ask("a.js", "br", other).result() == status::ok);
}

CAF_TEST(there is nothing else) {
  for (const auto* name : {"", "b.js", "a.js/", "../a.js"})
    CAF_CHECK(ask(name).result() == status::not_found);
  CAF_CHECK(client_script{{}}.empty());
  CAF_CHECK(!script.empty());
}

CAF_TEST(answers share their text) {
  CAF_CHECK(ask("a.js").body().shared() == ask("a.js").body().shared());
}

CAF_TEST_FIXTURE_SCOPE_END()
