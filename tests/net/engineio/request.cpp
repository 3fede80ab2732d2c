#include "net/engineio/request.hpp"

#define CAF_SUITE net.engineio.request
#include "tests/test.hpp"

using namespace observer::engineio;

namespace {

constexpr known_session on_polling{transport::polling};
constexpr known_session on_websocket{transport::websocket};

request_head get(std::string name, std::string sid = {},
                 std::string version = "4") {
  return {"GET", false, {std::move(name), std::move(sid), std::move(version)}};
}

request_head upgrade(std::string name, std::string sid = {},
                     std::string version = "4") {
  auto result = get(std::move(name), std::move(sid), std::move(version));
  result.upgrade = true;
  return result;
}

request_head post(request_head in) {
  in.method = "POST";
  return in;
}

/// What a request is refused with, as JSON; empty if it is not.
std::string refusal_of(const request_head& head,
                       const std::optional<known_session>& session = {}) {
  auto code = check(head, session);
  return code ? to_json(*code) : "";
}

const std::string unknown_transport
  = R"({"code":0,"message":"Transport unknown"})";
const std::string unknown_sid = R"({"code":1,"message":"Session ID unknown"})";
const std::string bad_method = R"({"code":2,"message":"Bad handshake method"})";
const std::string bad_request = R"({"code":3,"message":"Bad request"})";
const std::string bad_version
  = R"({"code":5,"message":"Unsupported protocol version"})";

} // namespace

CAF_TEST(a handshake is a get or an upgrade in version 4) {
  CAF_CHECK_EQUAL(refusal_of(get("polling")), "");
  CAF_CHECK_EQUAL(refusal_of(upgrade("websocket")), "");
  CAF_CHECK_EQUAL(refusal_of(post(get("polling"))), bad_method);
  for (std::string version : {"", "3", "5", "abc", "04"})
    CAF_CHECK_EQUAL(refusal_of(get("polling", "", version)), bad_version);
}

CAF_TEST(a handshake upgrades for websocket and for nothing else) {
  CAF_CHECK_EQUAL(refusal_of(get("websocket")), bad_request);
  CAF_CHECK_EQUAL(refusal_of(upgrade("polling")), bad_request);
}

CAF_TEST(the transport is checked before all else) {
  for (std::string name : {"", "Polling", "webtransport"}) {
    CAF_CHECK_EQUAL(refusal_of(get(name)), unknown_transport);
    CAF_CHECK_EQUAL(refusal_of(post(get(name, "nobody", "3"))),
                    unknown_transport);
  }
}

CAF_TEST(a session that is not there is refused before the method) {
  CAF_CHECK_EQUAL(refusal_of(get("polling", "nobody")), unknown_sid);
  CAF_CHECK_EQUAL(refusal_of(post(get("polling", "nobody", "3"))), unknown_sid);
  CAF_CHECK_EQUAL(refusal_of(upgrade("websocket", "nobody")), unknown_sid);
}

CAF_TEST(a handshake is refused for its method before its version) {
  CAF_CHECK_EQUAL(refusal_of(post(get("polling", "", "3"))), bad_method);
}

CAF_TEST(a session is polled and posted to while it is on polling) {
  CAF_CHECK_EQUAL(refusal_of(get("polling", "a"), on_polling), "");
  CAF_CHECK_EQUAL(refusal_of(post(get("polling", "a")), on_polling), "");
  CAF_CHECK_EQUAL(refusal_of(get("polling", "a"), on_websocket), bad_request);
  CAF_CHECK_EQUAL(refusal_of(post(get("polling", "a")), on_websocket),
                  bad_request);
}

CAF_TEST(a session is upgraded to websocket by an upgrade request) {
  CAF_CHECK_EQUAL(refusal_of(upgrade("websocket", "a"), on_polling), "");
  CAF_CHECK_EQUAL(refusal_of(upgrade("polling", "a"), on_polling), bad_request);
  CAF_CHECK_EQUAL(refusal_of(get("websocket", "a"), on_polling), bad_request);
}

CAF_TEST(a session keeps the version of its handshake) {
  CAF_CHECK_EQUAL(refusal_of(get("polling", "a", "3"), on_polling),
                  bad_request);
  CAF_CHECK_EQUAL(refusal_of(get("polling", "a", ""), on_polling), "");
}

CAF_TEST(only forbidden has a status of its own) {
  CAF_CHECK_EQUAL(status_of(refusal::forbidden), 403u);
  CAF_CHECK_EQUAL(to_json(refusal::forbidden),
                  R"({"code":4,"message":"Forbidden"})");
  for (auto code :
       {refusal::unknown_transport, refusal::unknown_sid, refusal::bad_method,
        refusal::bad_request, refusal::unsupported_version})
    CAF_CHECK_EQUAL(status_of(code), 400u);
}

CAF_TEST(version 3 is let in when it is allowed and stays what it was) {
  auto v3 = get("polling", "", "3");
  CAF_CHECK_EQUAL(refusal_of(v3), bad_version);
  CAF_CHECK(!check(v3, std::nullopt, true));
  CAF_CHECK(check(get("polling", "", ""), std::nullopt, true)
            == refusal::unsupported_version);
  known_session old{transport::polling, protocol::v3};
  CAF_CHECK(!check(get("polling", "s", "3"), old, true));
  CAF_CHECK(check(get("polling", "s", "4"), old, true) == refusal::bad_request);
}

CAF_TEST(a refusal has a code and a status) {
  CAF_CHECK_EQUAL(status_of(refusal::bad_request), 400u);
  CAF_CHECK_EQUAL(status_of(refusal::forbidden), 403u);
  CAF_CHECK_EQUAL(status_of(refusal::too_many_connections), 429u);
  CAF_CHECK_EQUAL(status_of(refusal::overloaded), 503u);
  CAF_CHECK_EQUAL(to_json(refusal::too_many_connections),
                  R"({"code":6,"message":"Too many connections"})");
  CAF_CHECK_EQUAL(to_json(refusal::overloaded),
                  R"({"code":7,"message":"Server overloaded"})");
  CAF_CHECK(may_try_again(refusal::overloaded));
  CAF_CHECK(!may_try_again(refusal::forbidden));
}
