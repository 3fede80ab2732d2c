/// What a client sends on a WebSocket; the first byte says in pieces of which
/// size it comes. However it is cut, the same must come of it, and what is
/// handed out must hold the limits.

#include "net/websocket/message_reader.hpp"
#include "tests/fuzz/must.hpp"

#include <boost/beast/websocket/detail/utf8_checker.hpp>

#include <cstdint>
#include <string>

using namespace observer::websocket;

namespace {

/// Small, so that the fuzzer meets them.
constexpr reader_limits limits{.message_bytes = 64, .fragments = 4};

void check(const message& in) {
  must(in.kind != opcode::continuation, "messages are whole");
  must(in.data.size()
         <= (is_control(in.kind) ? max_control_size : limits.message_bytes),
       "sizes are limited");
  if (in.kind == opcode::text)
    must(boost::beast::websocket::detail::check_utf8(in.data.data(),
                                                     in.data.size()),
         "texts are UTF-8");
}

std::string read_all(std::string stream, std::size_t step, inflater& inflate) {
  message_reader reader{limits};
  reader.allow_compression(inflate);
  std::string result;
  for (std::size_t begin = 0; begin < stream.size(); begin += step) {
    auto piece = stream.substr(begin, step);
    std::span<char> in{piece};
    for (;;) {
      auto next = reader.next(in);
      if (!next)
        return result + "fail:" + next.error().message();
      if (!*next)
        break;
      check(**next);
      result += std::to_string(static_cast<int>((*next)->kind)) + ":";
      result += std::string{(*next)->data} + " ";
    }
    must(in.empty(), "a reader that wants more has read all");
  }
  return result;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  if (size < 1)
    return 0;
  static inflater inflate;
  std::size_t step = std::size_t{data[0]} + 1;
  std::string stream{reinterpret_cast<const char*>(data) + 1, size - 1};
  must(read_all(stream, step, inflate)
         == read_all(stream, stream.size() + 1, inflate),
       "where the stream is cut makes no difference");
  return 0;
}
