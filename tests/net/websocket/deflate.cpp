#include "net/websocket/deflate.hpp"

#include "net/websocket/error.hpp"

#define CAF_SUITE net.websocket.deflate
#include "tests/test.hpp"

using namespace observer::websocket;
using namespace std::string_literals;

CAF_TEST(the examples of RFC 7692 inflate) {
  inflater inflate;
  // Section 7.2.3: one block; one without compression; one that ends the
  // stream.
  CAF_CHECK_EQUAL(
    std::string{inflate.inflate("\xf2\x48\xcd\xc9\xc9\x07\x00"s, 5).value()},
    "Hello");
  CAF_CHECK_EQUAL(
    std::string{
      inflate.inflate("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s, 5)
        .value()},
    "Hello");
  CAF_CHECK_EQUAL(
    std::string{
      inflate.inflate("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s, 5).value()},
    "Hello");
}

CAF_TEST(what was deflated inflates to the same) {
  deflater deflate;
  inflater inflate;
  for (std::size_t size : {0, 1, 100, 20'000, 500'000}) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i)
      text += static_cast<char>((i * i) % 251);
    auto small = deflate.deflate(text);
    CAF_CHECK(inflate.inflate(small, size).value() == text);
  }
}

CAF_TEST(each message stands alone) {
  deflater deflate;
  std::string text(2000, 'x');
  auto first = deflate.deflate(text);
  CAF_CHECK_EQUAL(deflate.deflate(text), first);
}

CAF_TEST(rubbish and too much are errors) {
  inflater inflate;
  CAF_CHECK(inflate.inflate("\xff\xff\xff", 100).error()
            == errc::bad_compressed_data);
  deflater deflate;
  auto small = deflate.deflate(std::string(1000, 'x'));
  CAF_CHECK(inflate.inflate(small, 999).error() == errc::message_too_big);
  CAF_CHECK(inflate.inflate(small, 1000).has_value());
}

CAF_TEST(an offer is taken if we can keep to it) {
  auto taken = [](std::string_view offers) {
    return answer_offers(offers).has_value();
  };
  CAF_CHECK(taken("permessage-deflate"));
  CAF_CHECK(taken("permessage-deflate; client_max_window_bits"));
  CAF_CHECK(taken("permessage-deflate; client_max_window_bits=10"));
  CAF_CHECK(taken("permessage-deflate; server_no_context_takeover; "
                  "client_no_context_takeover"));
  CAF_CHECK(taken("x-webkit-deflate-frame, permessage-deflate"));
  CAF_CHECK(taken("permessage-deflate; server_max_window_bits=10, "
                  "permessage-deflate"));
  CAF_CHECK(taken("permessage-deflate; server_max_window_bits=15"));
  CAF_CHECK(!taken(""));
  CAF_CHECK(!taken("x-webkit-deflate-frame"));
  CAF_CHECK(!taken("permessage-deflate; server_max_window_bits=10"));
  CAF_CHECK(!taken("permessage-deflate; what_is_this"));
  CAF_CHECK(!taken("permessage-deflate; server_no_context_takeover=1"));
}

CAF_TEST(the answer lets nobody keep a window) {
  CAF_CHECK_EQUAL(std::string{answer_offers("permessage-deflate").value()},
                  "permessage-deflate; server_no_context_takeover; "
                  "client_no_context_takeover");
}
