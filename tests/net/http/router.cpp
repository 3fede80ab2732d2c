#include "net/http/router.hpp"

#define CAF_SUITE net.http.router
#include "tests/test.hpp"

using namespace observer::http;

namespace {

/// Answers with what the route saw.
void show(const routed_request& in, const responder& respond) {
  std::string body;
  for (auto& argument : in.arguments)
    body += "[" + argument + "]";
  for (auto& [key, value] : in.query)
    body += key + "=" + value + ";";
  respond(make_json(status::ok, body));
}

void show_name(const routed_request& in, const responder& respond) {
  auto name = in.parameter("name");
  respond(make_json(status::ok, name ? std::string{*name} : "none"));
}

const router under_test{{{"/api/room", show},
                         {"/api/room/{}", show},
                         {"/api/room/{}/messages", show},
                         {"/name", show_name}}};

response answer(verb method, std::string_view target) {
  std::optional<response> result;
  under_test(request{method, target, 11}, [&](response out) {
    CAF_CHECK(!result.has_value()); // one answer
    result = std::move(out);
  });
  CAF_REQUIRE(result.has_value());
  return *std::move(result);
}

/// The body, or the status if it is not 200.
std::string get(std::string_view target) {
  auto out = answer(verb::get, target);
  return out.result() == status::ok ? *out.body()
                                    : std::to_string(out.result_int());
}

} // namespace

CAF_TEST(a path finds its route and what stood for the wildcards) {
  CAF_CHECK_EQUAL(get("/api/room"), "");
  CAF_CHECK_EQUAL(get("/api/room/1000"), "[1000]");
  CAF_CHECK_EQUAL(get("/api/room/1000/messages"), "[1000]");
}

CAF_TEST(a path that no route has is not found) {
  for (auto* target : {"/", "/api", "/api/rooms", "/API/room",
                       "/api/room/1/messages/2", "//api/room", "/api//room"})
    CAF_CHECK_EQUAL(get(target), "404");
}

CAF_TEST(segments are decoded after they are told apart) {
  CAF_CHECK_EQUAL(get("/api/room/a%20b"), "[a b]");
  CAF_CHECK_EQUAL(get("/api/room/a%2Fb"), "[a/b]");
  CAF_CHECK_EQUAL(get("/%61pi/room"), "");
}

CAF_TEST(the query is decoded and the first of a name counts) {
  CAF_CHECK_EQUAL(get("/api/room?limit=5&after=%31%30"), "after=10;limit=5;");
  CAF_CHECK_EQUAL(get("/api/room?a=1&a=2"), "a=1;");
  CAF_CHECK_EQUAL(get("/api/room?a&b="), "a=;b=;");
  CAF_CHECK_EQUAL(get("/name?name=x"), "x");
  CAF_CHECK_EQUAL(get("/name?other=x"), "none");
}

CAF_TEST(what is no path is a bad request) {
  for (auto* target :
       {"*", "", "http://localhost/api/room", "/%zz", "/a b", "/\xFF"}) {
    auto out = answer(verb::get, target);
    CAF_CHECK(out.result() == status::bad_request);
    CAF_CHECK_EQUAL(*out.body(), R"({"error":{"code":"bad_request",)"
                                 R"("message":"the target is not a path"}})");
  }
}

CAF_TEST(get and head are served and nothing else) {
  CAF_CHECK(answer(verb::head, "/api/room").result() == status::ok);
  for (auto method : {verb::post, verb::put, verb::delete_, verb::options}) {
    auto out = answer(method, "/api/room/1");
    CAF_CHECK(out.result() == status::method_not_allowed);
    CAF_CHECK_EQUAL(std::string{out[field::allow]}, "GET, HEAD");
    CAF_CHECK_EQUAL(*out.body(), R"({"error":{"code":"method_not_allowed",)"
                                 R"("message":"only GET and HEAD are served )"
                                 R"(here"}})");
  }
  CAF_CHECK(answer(verb::post, "/nothing").result() == status::not_found);
}

CAF_TEST(options of the whole server are a check that it is there) {
  for (auto* target : {"*", "/", "/?x"}) {
    auto out = answer(verb::options, target);
    CAF_CHECK(out.result() == status::ok);
    CAF_CHECK_EQUAL(std::string{out[field::allow]}, "GET, HEAD, OPTIONS");
    CAF_CHECK_EQUAL(*out.body(), "");
  }
  CAF_CHECK(answer(verb::options, "/nothing").result() == status::not_found);
}

CAF_TEST(a query may hold what browsers do not encode) {
  CAF_CHECK_EQUAL(get("/api/room?a[b]=50%&{c}=|"), "a[b]=50%;{c}=|;");
}

CAF_TEST(errors are json that no cache keeps) {
  auto out = answer(verb::get, "/nothing");
  CAF_CHECK_EQUAL(std::string{out[field::content_type]},
                  "application/json; charset=utf-8");
  CAF_CHECK_EQUAL(std::string{out[field::cache_control]}, "no-store");
  CAF_CHECK_EQUAL(*out.body(), R"({"error":{"code":"not_found",)"
                               R"("message":"there is nothing here"}})");
}
