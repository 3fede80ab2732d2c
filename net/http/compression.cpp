#include "net/http/compression.hpp"

#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <cctype>
#include <new>
#include <stdexcept>
#include <string>
#include <zlib.h>

namespace observer::http {

namespace {

/// What `deflateInit2` takes for "gzip, with a window of 32 KiB".
constexpr int gzip_window = 15 + 16;
constexpr int memory_level = 8;

bool is_zero(std::string_view quality) {
  return quality.starts_with('0')
         && quality.find_first_not_of("0.") == std::string_view::npos;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  auto lower = [](char c) {
    return std::tolower(static_cast<unsigned char>(c));
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::string gzip(const std::string& in) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window, memory_level,
                   Z_DEFAULT_STRATEGY)
      != Z_OK)
    throw std::bad_alloc{};
  std::string out(deflateBound(&stream, static_cast<uLong>(in.size())), '\0');
  // zlib reads only, but its interface is older than const.
  stream.next_in
    = reinterpret_cast<Bytef*>(const_cast<char*>(in.data())); // NOLINT
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  auto result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END)
    throw std::logic_error{"zlib needs more room than it said"};
  return out;
}

} // namespace

bool accepts_coding(const request& in, std::string_view name) {
  beast_http::ext_list codings{in[field::accept_encoding]};
  return std::any_of(codings.begin(), codings.end(), [&](const auto& coding) {
    if (!equals_ignoring_case(coding.first, name))
      return false;
    return std::none_of(coding.second.begin(), coding.second.end(),
                        [](const auto& parameter) {
                          return equals_ignoring_case(parameter.first, "q")
                                 && is_zero(parameter.second);
                        });
  });
}

void compress(const request& in, response& out, std::size_t above) {
  if (out.body().size() <= above)
    return;
  out.insert(field::vary, "Accept-Encoding");
  if (!accepts_coding(in, "gzip"))
    return;
  out.body() = gzip(*out.body());
  out.set(field::content_encoding, "gzip");
}

} // namespace observer::http
