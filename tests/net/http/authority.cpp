#include "net/http/authority.hpp"

#define CAF_SUITE net.http.authority
#include "tests/test.hpp"

using namespace observer::http;

namespace {

std::string host(std::string_view text) {
  auto parsed = parse_authority(text);
  if (!parsed)
    return "none";
  return parsed->host
         + (parsed->port ? " " + std::to_string(*parsed->port) : "")
         + (parsed->is_address ? " address" : "");
}

std::string from(std::string_view text) {
  auto parsed = parse_origin(text);
  if (!parsed)
    return "none";
  return parsed->scheme + " " + parsed->host + " "
         + std::to_string(parsed->port);
}

bool same(std::string_view origin, std::string_view host) {
  return is_same(parse_origin(origin).value(), parse_authority(host).value());
}

} // namespace

CAF_TEST(an authority is a host and perhaps a port) {
  CAF_CHECK_EQUAL(host("chat.example"), "chat.example");
  CAF_CHECK_EQUAL(host("Chat.Example:3000"), "chat.example 3000");
  CAF_CHECK_EQUAL(host("chat_room-1:80"), "chat_room-1 80");
  CAF_CHECK_EQUAL(host("chat.example:"), "chat.example");
  CAF_CHECK_EQUAL(host("127.0.0.1:3000"), "127.0.0.1 3000 address");
  CAF_CHECK_EQUAL(host("[::1]:3000"), "[::1] 3000 address");
  CAF_CHECK_EQUAL(host("[0:0:0::0001]"), "[::1] address");
}

CAF_TEST(what names no host is no authority) {
  for (auto* text :
       {"", ":80", "a b", "a@b", "a:b@c", "a/b", "*.example", "a%2Eb", "a,b",
        "a:65536", "a:0", "a:x", "[::1", "::1", "[v1.a]", "\xC3\xBC", "a\\b"})
    CAF_CHECK_EQUAL(host(text), "none");
}

CAF_TEST(a part of a string is read to its end only) {
  std::string_view text = "chat.example:3000@evil.example:80";
  CAF_CHECK_EQUAL(host(text.substr(0, 12)), "chat.example");
  CAF_CHECK_EQUAL(host(text.substr(0, 15)), "chat.example 30");
}

CAF_TEST(origins of the web have a port) {
  CAF_CHECK_EQUAL(from("http://chat.example"), "http chat.example 80");
  CAF_CHECK_EQUAL(from("https://chat.example"), "https chat.example 443");
  CAF_CHECK_EQUAL(from("https://chat.example:443"), "https chat.example 443");
  CAF_CHECK_EQUAL(from("HTTPS://Chat.Example:8443"), "https chat.example 8443");
  CAF_CHECK_EQUAL(from("ws://[::1]:3000"), "http [::1] 3000");
  CAF_CHECK_EQUAL(from("wss://chat.example"), "https chat.example 443");
}

CAF_TEST(a path is no part of an origin) {
  CAF_CHECK_EQUAL(from("http://chat.example/"), "http chat.example 80");
  CAF_CHECK_EQUAL(from("http://a/http://b"), "http a 80");
  CAF_CHECK_EQUAL(from("http://a?b"), "http a 80");
  CAF_CHECK_EQUAL(from("http://a#b"), "http a 80");
}

CAF_TEST(apps and files have origins of their own) {
  CAF_CHECK_EQUAL(from("capacitor://localhost"), "capacitor localhost 0");
  CAF_CHECK_EQUAL(from("app://."), "app . 0");
  CAF_CHECK_EQUAL(from("file://"), "file  0");
  CAF_CHECK_EQUAL(from("file:///home/ada/page.html"), "file  0");
  CAF_CHECK_EQUAL(from("chrome-extension://abcd"), "chrome-extension abcd 0");
  CAF_CHECK_EQUAL(from("null"), "null  0");
}

CAF_TEST(what is no origin is none) {
  for (auto* text :
       {"", "chat.example", "http:", "http://", "http:///", "://a", "1a://b",
        "NULL", "http://a, http://b", "http://a@b", "https://*.example.com",
        "app://*", "app://a b", "http://a:x", "data:text/html", "http//a",
        "null://", "Null:///x", "null://a/b"})
    CAF_CHECK_EQUAL(from(text), "none");
}

CAF_TEST(the port of an origin is that of its scheme if it names none) {
  CAF_CHECK(same("http://chat.example", "chat.example"));
  CAF_CHECK(same("https://chat.example", "chat.example")); // behind a proxy
  CAF_CHECK(same("http://chat.example:80", "chat.example"));
  CAF_CHECK(same("http://chat.example", "chat.example:80"));
  CAF_CHECK(same("https://chat.example:443", "chat.example"));
  CAF_CHECK(same("https://chat.example", "chat.example:443"));
  CAF_CHECK(same("wss://chat.example", "chat.example:443"));
  CAF_CHECK(same("http://chat.example", "Chat.Example"));
  CAF_CHECK(same("https://chat.example:3000", "chat.example:3000"));
  CAF_CHECK(!same("http://chat.example:8080", "chat.example"));
  CAF_CHECK(!same("http://chat.example", "chat.example:443"));
  CAF_CHECK(!same("https://chat.example", "chat.example:80"));
  CAF_CHECK(!same("http://other.example", "chat.example"));
  CAF_CHECK(!same("http://chat.example.evil", "chat.example"));
  CAF_CHECK(!same("app://chat.example", "chat.example"));
}
