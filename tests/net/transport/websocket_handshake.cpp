#include "net/transport/websocket_handshake.hpp"

#define CAF_SUITE net.transport.websocket_handshake
#include "tests/test.hpp"

using namespace observer;

CAF_TEST(the key of RFC 6455 gets the answer of RFC 6455) {
  http::request in{http::verb::get, "/", 11};
  in.set(http::field::sec_websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  auto answer = transport::accept_handshake(in, {{"Set-Cookie", "a=b"}});
  auto has = [&](std::string_view line) {
    return answer.find("\r\n" + std::string{line} + "\r\n")
           != std::string::npos;
  };
  CAF_CHECK(answer.starts_with("HTTP/1.1 101 Switching Protocols\r\n"));
  CAF_CHECK(has("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  CAF_CHECK(has("Upgrade: websocket"));
  CAF_CHECK(has("Connection: upgrade"));
  CAF_CHECK(has("Set-Cookie: a=b"));
  CAF_CHECK(answer.ends_with("\r\n\r\n"));
}
