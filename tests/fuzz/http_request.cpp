/// The first byte says how the rest, the bytes of a TCP connection, is cut into
/// segments. What comes of a request must not depend on that; what is accepted
/// must be accepted, and mean the same, when it is written out again: so there
/// are no two ways to read it.

#include "net/engineio/request.hpp"
#include "net/http/authority.hpp"
#include "net/http/origin.hpp"
#include "net/http/router.hpp"
#include "net/transport/request_reader.hpp"
#include "tests/fuzz/must.hpp"

#include <boost/beast/http/write.hpp>

#include <algorithm>
#include <cstdint>
#include <sstream>

using namespace observer;

namespace {

/// Small, so that the fuzzer meets them.
transport::options small_limits(std::size_t head_bytes) {
  transport::options result;
  result.head_bytes = head_bytes;
  result.target_bytes = 128;
  result.head_fields = 8;
  result.engine.max_payload = 64;
  return result;
}

const transport::options first_limits = small_limits(512);

/// For what was accepted and is written out again: blanks may be added.
const transport::options wider_limits = small_limits(1024);

enum class progress { done, refused, unfinished };

struct outcome {
  progress state;
  http::request request;
};

/// Reads the first request out of segments of so many bytes.
outcome read_request(std::string_view bytes, std::size_t segment,
                     const transport::options& limits) {
  transport::request_reader reader{limits};
  for (;;) {
    auto read = reader.next();
    if (!read) {
      must(transport::fault_of(read.error()).has_value(),
           "every fault is answered");
      return {progress::refused, {}};
    }
    if (*read == transport::request_reader::progress::more) {
      if (bytes.empty())
        return {progress::unfinished, {}};
      auto next = bytes.substr(0, segment);
      reader.add(next);
      bytes.remove_prefix(next.size());
      continue;
    }
    if (transport::check_head(reader.request(), limits))
      return {progress::refused, {}};
    if (*read == transport::request_reader::progress::done)
      return {progress::done, reader.take()};
  }
}

std::string write_request(const http::request& in) {
  std::ostringstream out;
  out << in;
  return out.str();
}

std::string quote(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char c : text)
    out.append({'%', digits[c >> 4], digits[c & 15]});
  return out;
}

void check_query(const http::request& in) {
  auto query = transport::parse_query(in.target());
  auto again = transport::parse_query(
    "/socket.io/?transport=" + quote(query.transport)
    + "&sid=" + quote(query.sid) + "&EIO=" + quote(query.version));
  must(again.transport == query.transport && again.sid == query.sid
         && again.version == query.version,
       "a query survives being quoted");
  for (auto upgrade : {false, true}) {
    engineio::request_head head{in.method_string(), upgrade, query};
    if (!engineio::check(head, std::nullopt))
      must(query.sid.empty() && in.method() == http::verb::get
             && query.version == "4",
           "only a handshake needs no session");
  }
}

void check_normal_form(const http::request& in) {
  for (const auto& line : in)
    must(in.count(line.name_string()) == 1, "a name has one line");
  auto again = in;
  transport::normalize(again);
  must(write_request(again) == write_request(in), "the normal form is final");
}

std::string write_origin(const http::origin& in) {
  if (in.scheme == "null")
    return in.scheme;
  auto port = in.port != 0 ? ":" + std::to_string(in.port) : std::string{};
  return in.scheme + "://" + in.host + port;
}

void check_origin(const http::request& in) {
  auto origin = http::parse_origin(in[http::field::origin]);
  if (!origin)
    return;
  must(http::parse_origin(write_origin(*origin)) == origin,
       "an origin survives writing");
  auto own = http::parse_authority(in[http::field::host]);
  const http::origin_policy policy;
  must(policy.allows(in) == (own && http::is_same(*origin, *own)),
       "a page is of the host that it names, or foreign");
}

void check_routing(const http::request& in) {
  auto serve = [](const http::routed_request& request,
                  const http::responder& respond) {
    respond(http::make_json(http::status::ok, request.arguments.at(0)));
  };
  const http::router router{{{"/api/room/{}", serve}}};
  std::size_t answers = 0;
  router(in, [&](const http::response& out) {
    ++answers;
    auto readable = in.method() == http::verb::get
                    || in.method() == http::verb::head;
    must(readable || out.result() != http::status::ok
           || in.method() == http::verb::options,
         "routes serve GET and HEAD alone");
  });
  must(answers == 1, "a request has one answer");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size == 0)
    return 0;
  std::string_view bytes{reinterpret_cast<const char*>(data + 1), size - 1};
  auto whole = read_request(bytes, std::max<std::size_t>(bytes.size(), 1),
                            first_limits);
  auto cut = read_request(bytes, data[0] + std::size_t{1}, first_limits);
  // Around its limit, the parser's count of a head depends on them a little.
  must((whole.state == progress::done) == (cut.state == progress::done)
         || bytes.size() > first_limits.head_bytes,
       "segments do not decide what is accepted");
  if (whole.state != progress::done || cut.state != progress::done)
    return 0;
  auto text = write_request(whole.request);
  must(write_request(cut.request) == text, "segments do not change a request");
  must(whole.request.body().size() <= first_limits.engine.max_payload,
       "bodies are limited");
  auto again = read_request(text, text.size(), wider_limits);
  must(again.state == progress::done, "what is accepted is accepted again");
  must(write_request(again.request) == text, "a request survives writing");
  transport::normalize(whole.request);
  check_normal_form(whole.request);
  check_origin(whole.request);
  check_query(whole.request);
  check_routing(whole.request);
  return 0;
}
