#include "net/transport/request_head.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>

#define CAF_SUITE net.transport.request_head
#include "tests/test.hpp"

using namespace observer;
using namespace observer::transport;

namespace {

/// Reads one request that comes in segments.
class reader {
public:
  reader(std::string_view bytes, std::size_t segment, const options& limits)
    : bytes_(bytes),
      segment_(segment),
      limits_(limits) {
    set_limits(parser_, limits);
  }

  /// What becomes of it: its body, or the status that it is refused with.
  std::string run() {
    parser_.eager(false);
    if (auto problem = read_until([&] { return parser_.is_header_done(); }))
      return *problem;
    parser_.eager(true);
    if (auto problem = read_until([&] { return parser_.is_done(); }))
      return *problem;
    return parser_.get().body();
  }

private:
  static std::string status(const std::optional<head_fault>& fault) {
    return fault ? std::to_string(static_cast<unsigned>(fault->code)) : "none";
  }

  template <class Predicate>
  std::optional<std::string> read_until(Predicate is_done) {
    using boost::beast::http::error;
    boost::system::error_code failed;
    while (!is_done()) {
      if (buffer_.empty() || failed == error::need_more) {
        if (bytes_.empty())
          return "unfinished";
        buffer_ += bytes_.substr(0, segment_);
        bytes_.remove_prefix(std::min(segment_, bytes_.size()));
      }
      buffer_.erase(0, parser_.put(boost::asio::buffer(buffer_), failed));
      if (failed && failed != error::need_more)
        return status(fault_of(failed));
    }
    if (auto fault = check_head(parser_.get(), limits_))
      return status(fault);
    return std::nullopt;
  }

  std::string_view bytes_;
  std::size_t segment_;
  const options& limits_;
  request_parser parser_;
  std::string buffer_;
};

std::string read(std::string_view bytes, std::size_t segment,
                 const options& limits = {}) {
  return reader{bytes, segment, limits}.run();
}

std::string read(std::string_view bytes) {
  return read(bytes, bytes.size());
}

std::string show(const engineio::query& in) {
  return in.transport + "," + in.sid + "," + in.version;
}

} // namespace

CAF_TEST(a body has the length that is declared) {
  CAF_CHECK_EQUAL(read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n"
                       "\r\n4a"),
                  "4a");
  CAF_CHECK_EQUAL(read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                       "\r\n4a"),
                  "unfinished");
}

CAF_TEST(an ambiguous length is refused) {
  for (std::string fields :
       {"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        "Content-Length: 2\r\nContent-Length: 3\r\n", "Content-Length: +2\r\n",
        "Content-Length: 2, 2\r\n", "Transfer-Encoding: gzip, chunked\r\n"}) {
    CAF_CHECK_EQUAL(read("POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n4a"),
                    "400");
  }
  CAF_CHECK_EQUAL(read("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n"
                       "\r\n0\r\n\r\n"),
                  "400");
}

CAF_TEST(a request has exactly one host) {
  CAF_CHECK_EQUAL(read("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "");
  CAF_CHECK_EQUAL(read("GET / HTTP/1.1\r\n\r\n"), "400");
  CAF_CHECK_EQUAL(read("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), "400");
  CAF_CHECK_EQUAL(read("GET / HTTP/1.0\r\n\r\n"), "");
}

CAF_TEST(head and target and fields and body are limited) {
  options limits;
  limits.head_bytes = 200;
  limits.target_bytes = 50;
  limits.head_fields = 2;
  limits.engine.max_payload = 4;
  auto get = [&](std::size_t target, const std::string& fields) {
    return read("GET /" + std::string(target - 1, 'a')
                  + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n",
                1000, limits);
  };
  CAF_CHECK_EQUAL(get(50, ""), "");
  CAF_CHECK_EQUAL(get(51, ""), "414");
  CAF_CHECK_EQUAL(get(1, "A: 1\r\n"), "");
  CAF_CHECK_EQUAL(get(1, "A: 1\r\nB: 2\r\n"), "431");
  CAF_CHECK_EQUAL(get(1, "A: " + std::string(200, 'x') + "\r\n"), "431");
  auto post = [&](const std::string& fields, const std::string& body) {
    return read("POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body, 1000,
                limits);
  };
  CAF_CHECK_EQUAL(post("Content-Length: 4\r\n", "abcd"), "abcd");
  CAF_CHECK_EQUAL(post("Content-Length: 5\r\n", ""), "413");
  CAF_CHECK_EQUAL(post("Transfer-Encoding: chunked\r\n",
                       "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
                  "413");
}

CAF_TEST(a trailer is a part of the head) {
  options limits;
  limits.head_bytes = 200;
  auto post = [&](std::size_t size) {
    return read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                "\r\n1\r\na\r\n0\r\nX: "
                  + std::string(size, 'y') + "\r\n\r\n",
                1000, limits);
  };
  CAF_CHECK_EQUAL(post(150), "a");
  CAF_CHECK_EQUAL(post(180), "431");
}

CAF_TEST(what is no http is refused) {
  CAF_CHECK_EQUAL(read("\x16\x03\x01\x02\x00\x01\r\n\r\n"), "400");
  CAF_CHECK_EQUAL(read("GET  / HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
  CAF_CHECK_EQUAL(read("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), "400");
  CAF_CHECK_EQUAL(read("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), "400");
}

CAF_TEST(a client that goes away is not answered) {
  using boost::beast::http::error;
  CAF_CHECK(!fault_of(error::end_of_stream));
  CAF_CHECK(!fault_of(error::partial_message));
  CAF_CHECK(!fault_of(boost::asio::error::connection_reset));
}

CAF_TEST(a chunked body may come in any segments) {
  const std::string_view bytes
    = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3;note=x\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t size = 1; size <= bytes.size(); ++size)
    CAF_CHECK_EQUAL(read(bytes, size), "abcde");
}

CAF_TEST(a trailer cannot say what the head must say) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n";
  CAF_CHECK_EQUAL(read(head + "X: y\r\n\r\n"), "a");
  CAF_CHECK_EQUAL(read(head + "Host: b\r\n\r\n"), "400");
  CAF_CHECK_EQUAL(read(head + "Content-Length: 1\r\n\r\n"), "400");
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += "X: y\r\n";
  CAF_CHECK_EQUAL(read(head + many + "\r\n"), "431");
}

CAF_TEST(the query names transport and session and version) {
  CAF_CHECK_EQUAL(show(parse_query("/socket.io/?EIO=4&transport=polling&t=x")),
                  "polling,,4");
  CAF_CHECK_EQUAL(show(parse_query("/socket.io/?sid=a%2Bb%26c&EIO=4")),
                  ",a+b&c,4");
  CAF_CHECK_EQUAL(show(parse_query("/socket.io/")), ",,");
  CAF_CHECK_EQUAL(show(parse_query("/socket.io/?sid=a&sid=b")), ",a,");
  CAF_CHECK_EQUAL(show(parse_query("/socket.io/?sid=&sid=a")), ",a,");
}

CAF_TEST(what browsers do not encode does not hide the query) {
  for (std::string text : {"filter[a]", "{1}", "a|b", "a^b", "`", "\\", "<b>",
                           "\"", "50%", "50%off", "%2", "%zz"})
    CAF_CHECK_EQUAL(
      show(parse_query("/socket.io/?EIO=4&transport=polling&k=" + text)),
      "polling,,4");
  CAF_CHECK_EQUAL(show(parse_query("/socket.io/?sid=%zz")), ",%zz,");
}

CAF_TEST(lists are whole and targets are paths for whoever comes behind) {
  http::request in{http::verb::get, "http://chat.example/socket.io/?EIO=4", 11};
  in.set(http::field::host, "127.0.0.1");
  in.insert(http::field::connection, "keep-alive");
  in.insert(http::field::connection, "close");
  normalize(in);
  CAF_CHECK_EQUAL(std::string{in.target()}, "/socket.io/?EIO=4");
  CAF_CHECK_EQUAL(std::string{in[http::field::host]}, "chat.example");
  CAF_CHECK(!in.keep_alive());
}

CAF_TEST(a key of a websocket is sixteen bytes in base64) {
  CAF_CHECK(is_websocket_key("dGhlIHNhbXBsZSBub25jZQ=="));
  CAF_CHECK(is_websocket_key("++++++++++++++++//////=="));
  for (auto* text : {"", "x", "dGhlIHNhbXBsZSBub25jZQ",
                     "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZQ==\r",
                     "dGhlIHNhbXBsZSBub25jZQ===", "dGhlIHNhbXBsZSBub25jZ===",
                     "dGhlIHNhbXBsZSBub25-_Q==",
                     "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==",
                     "dGhlIHNhbXBsZSBub25jZQAA"})
    CAF_CHECK(!is_websocket_key(text));
}
