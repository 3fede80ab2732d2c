#include "net/http/compression.hpp"

#define CAF_SUITE net.http.compression
#include "tests/test.hpp"

using namespace observer::http;

namespace {

request asking(std::string_view accepted) {
  request result{verb::get, "/", 11};
  if (!accepted.empty())
    result.set(field::accept_encoding, accepted);
  return result;
}

response answering(std::size_t bytes) {
  return make_response(status::ok, "text/plain", std::string(bytes, 'x'));
}

} // namespace

CAF_TEST(gzip is taken by who says so) {
  for (auto yes :
       {"gzip", "GZip", "br, gzip", "gzip;q=0.001", "deflate,gzip;q=1"})
    CAF_CHECK(accepts_coding(asking(yes), "gzip"));
  for (auto no : {"", "br", "gzip;q=0", "gzip;q=0.000", "gzipped", "x-gzip"})
    CAF_CHECK(!accepts_coding(asking(no), "gzip"));
}

CAF_TEST(only what is large is compressed) {
  auto small = answering(1024);
  compress(asking("gzip"), small, 1024);
  CAF_CHECK_EQUAL(small.body().size(), 1024u);
  CAF_CHECK(small.find(field::content_encoding) == small.end());
  auto large = answering(1025);
  compress(asking("gzip"), large, 1024);
  CAF_CHECK_EQUAL(large[field::content_encoding], "gzip");
  CAF_CHECK_LESS(large.body().size(), 100u);
  CAF_CHECK((*large.body()).starts_with("\x1f\x8b"));
}

CAF_TEST(caches are told that the answer depends on the request) {
  auto answer = answering(2000);
  compress(asking("br"), answer, 1024);
  CAF_CHECK_EQUAL(answer[field::vary], "Accept-Encoding");
  CAF_CHECK_EQUAL(answer.body().size(), 2000u);
}
