#include "net/transport/request_reader.hpp"

#define CAF_SUITE net.transport.request_reader
#include "tests/test.hpp"

using namespace observer;
using transport::request_reader;
using progress = request_reader::progress;

namespace {

struct fixture {
  fixture() {
    limits.head_bytes = 256;
    limits.engine.max_payload = 8;
  }

  /// Reads until more must come.
  /// @returns the requests, as `target=body` or why there are no more.
  std::string read() {
    std::string result;
    for (;;) {
      auto got = reader.next();
      if (!got)
        return result + "error: " + got.error().message();
      if (*got == progress::more)
        return result;
      if (*got == progress::done) {
        auto in = reader.take();
        result += std::string{in.target()} + "=" + in.body() + " ";
      }
    }
  }

  transport::options limits;
  request_reader reader{limits};
};

constexpr std::string_view post
  = "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nHello";
constexpr std::string_view chunked
  = "POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    "2\r\nHe\r\n3\r\nllo\r\n0\r\n\r\n";
constexpr std::string_view bare = "GET /c HTTP/1.1\r\n\r\n";

} // namespace

CAF_TEST_FIXTURE_SCOPE(request_reader_tests, fixture)

CAF_TEST(requests come out one after the other however they are cut) {
  auto all = std::string{post} + std::string{chunked} + std::string{bare};
  for (std::size_t size = 1; size <= all.size(); ++size) {
    std::string heard;
    for (std::size_t i = 0; i < all.size(); i += size) {
      reader.add(std::string_view{all}.substr(i, size));
      heard += read();
    }
    CAF_CHECK_EQUAL(heard, "/a=Hello /b=Hello /c= ");
    CAF_CHECK_EQUAL(reader.unread_bytes(), 0u);
  }
}

CAF_TEST(a head can be taken without its body) {
  reader.add(post);
  CAF_REQUIRE(*reader.next() == progress::head);
  CAF_CHECK(!reader.is_done());
  CAF_CHECK_EQUAL(reader.body_bytes(), 5u);
  CAF_CHECK_EQUAL(std::string{reader.take().target()}, "/a");
  CAF_CHECK_EQUAL(reader.take_unread(), "Hello");
}

CAF_TEST(what is behind a request is left) {
  reader.add(std::string{bare} + "frames");
  CAF_REQUIRE(*reader.next() == progress::head);
  CAF_REQUIRE(*reader.next() == progress::done);
  CAF_CHECK_EQUAL(reader.unread_bytes(), 6u);
  CAF_CHECK_EQUAL(reader.take_unread(), "frames");
  CAF_CHECK_EQUAL(reader.unread_bytes(), 0u);
}

CAF_TEST(a head over the limit is an error) {
  reader.add("GET / HTTP/1.1\r\nX: " + std::string(300, 'x'));
  auto got = reader.next();
  CAF_REQUIRE(!got);
  CAF_CHECK(transport::fault_of(got.error())->code
            == http::status::request_header_fields_too_large);
}

CAF_TEST(a body over the limit is an error) {
  reader.add("POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n");
  auto got = reader.next();
  CAF_REQUIRE(!got);
  CAF_CHECK(transport::fault_of(got.error())->code
            == http::status::payload_too_large);
}

CAF_TEST(the extension of a chunk has a limit in one piece or many) {
  std::string head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;";
  for (std::size_t size : {100u, 10'000u}) {
    request_reader under_test{limits};
    under_test.add(head);
    CAF_REQUIRE(*under_test.next() == progress::head);
    auto got = under_test.next();
    for (std::size_t sent = 0; got && sent < 10'000; sent += size) {
      under_test.add(std::string(size, 'x'));
      got = under_test.next();
    }
    CAF_REQUIRE(!got);
    CAF_CHECK(transport::fault_of(got.error())->code
              == http::status::bad_request);
  }
}

CAF_TEST(it is full when so much waits as a head may take twice) {
  reader.add(std::string(511, 'x'));
  CAF_CHECK(!reader.is_full());
  reader.add(std::string_view{"x"});
  CAF_CHECK(reader.is_full());
}

CAF_TEST_FIXTURE_SCOPE_END()
