#include "tools/loadgen/websocket.hpp"

#include "net/engineio/outgoing.hpp"

#include <utility>
#include <vector>

#define CAF_SUITE tools.loadgen.websocket
#include "tests/test.hpp"

using namespace observer::loadgen;
using namespace std::literals;

namespace {

using outcome = frame_reader::outcome;
using messages = std::vector<std::pair<opcode, std::string>>;

/// Feeds `pieces` to a reader of its own; what came of it.
std::pair<outcome, messages> read(const std::vector<std::string>& pieces) {
  frame_reader reader;
  messages result;
  for (auto& piece : pieces) {
    auto state = reader.feed(piece, [&](opcode kind, std::string_view data) {
      result.emplace_back(kind, data);
      return true;
    });
    if (state != outcome::more)
      return {state, result};
  }
  return {outcome::more, result};
}

std::string server_text(std::string_view data) {
  // The server's own encoder puts the packet type in front.
  return observer::engineio::outgoing::make_message(data)->websocket();
}

std::string unmasked(std::string frame, std::size_t header) {
  for (std::size_t i = 0; header + 4 + i < frame.size(); ++i)
    frame[header + 4 + i] ^= frame[header + (i & 3)];
  return frame.substr(header + 4);
}

} // namespace

CAF_TEST(every kind of frame is read however it is cut) {
  std::string bytes;
  messages wanted;
  for (std::size_t size : {0, 1, 124, 125, 300, 70'000}) {
    bytes += server_text(std::string(size, 'x'));
    wanted.emplace_back(opcode::text, "4" + std::string(size, 'x'));
  }
  bytes += "\x89\x02hi"s;                    // ping
  bytes += "\x01\x02"s + "ab" + "\x89\x00"s; // a ping between two fragments
  bytes += "\x00\x01"s + "c" + "\x80\x01"s + "d";
  bytes += "\x82\x01\xFF"s;     // binary
  bytes += "\x88\x02\x03\xE8"s; // close
  wanted.emplace_back(opcode::ping, "hi");
  wanted.emplace_back(opcode::ping, "");
  wanted.emplace_back(opcode::text, "abcd");
  wanted.emplace_back(opcode::binary, "\xFF");
  wanted.emplace_back(opcode::close, "\x03\xE8");
  auto check = [&](const std::vector<std::string>& pieces) {
    auto [state, got] = read(pieces);
    return state == outcome::more && got == wanted;
  };
  CAF_CHECK(check({bytes}));
  std::size_t wrong = 0;
  for (std::size_t at = 0; at <= bytes.size(); ++at)
    // The long frame in the middle is the same everywhere.
    if (at < 1000 || at + 500 > bytes.size() || at % 997 == 0)
      wrong += check({bytes.substr(0, at), bytes.substr(at)}) ? 0 : 1;
  CAF_CHECK_EQUAL(wrong, 0u);
  for (std::size_t step : {1, 2, 3, 7, 64, 4096}) {
    std::vector<std::string> pieces;
    for (std::size_t at = 0; at < bytes.size(); at += step)
      pieces.push_back(bytes.substr(at, step));
    CAF_CHECK(check(pieces));
  }
}

CAF_TEST(what breaks the protocol is refused) {
  auto refuses = [](const std::string& bytes) {
    return read({bytes}).first == outcome::malformed;
  };
  CAF_CHECK(refuses("\xC1\x00"s));         // a reserved bit
  CAF_CHECK(refuses("\x83\x00"s));         // an unknown opcode
  CAF_CHECK(refuses("\x8B\x00"s));         // an unknown control opcode
  CAF_CHECK(refuses("\x81\x80"s));         // masked
  CAF_CHECK(refuses("\x80\x00"s));         // continues nothing
  CAF_CHECK(refuses("\x01\x00\x81\x00"s)); // a message within a message
  CAF_CHECK(refuses("\x09\x00"s));         // a fragmented ping
  CAF_CHECK(refuses("\x89\x7E\x00\x7E"s)); // a long ping
  CAF_CHECK(refuses("\x81\x7F\x80\0\0\0\0\0\0\0"s));
  CAF_CHECK(refuses("\x81\x7F\0\0\0\0\x10\0\0\0"s)); // 256 MiB
}

CAF_TEST(reading stops when the callback says so) {
  frame_reader reader;
  int calls = 0;
  auto state = reader.feed("\x81\x01"
                           "a\x81\x01"
                           "b",
                           [&](opcode, std::string_view) {
                             ++calls;
                             return false;
                           });
  CAF_CHECK(state == outcome::stopped);
  CAF_CHECK_EQUAL(calls, 1);
}

CAF_TEST(a reset forgets half a frame and half a message) {
  frame_reader reader;
  std::string got;
  auto keep = [&](opcode, std::string_view data) {
    got += data;
    return true;
  };
  CAF_CHECK(reader.feed("\x01\x01x\x80", keep) == outcome::more);
  reader.reset();
  CAF_CHECK(reader.feed("\x81\x01y", keep) == outcome::more);
  CAF_CHECK_EQUAL(got, "y");
}

CAF_TEST(client frames are masked and have the shortest header) {
  for (auto [size, header] : {std::pair{0, 2},
                              {1, 2},
                              {125, 2},
                              {126, 4},
                              {65'535, 4},
                              {65'536, 10}}) {
    std::string payload(static_cast<std::size_t>(size), 'p');
    std::string frame;
    append_client_frame(frame, opcode::text, payload, 0x12345678);
    CAF_CHECK_EQUAL(frame.size(),
                    payload.size() + static_cast<std::size_t>(header) + 4);
    CAF_CHECK_EQUAL(frame[0], '\x81');
    CAF_CHECK((frame[1] & 0x80) != 0);
    CAF_CHECK(unmasked(frame, static_cast<std::size_t>(header)) == payload);
  }
  std::string frame{"x"};
  append_client_frame(frame, opcode::close, "\x03\xE8", 0);
  CAF_CHECK_EQUAL(frame, "x\x88\x82\0\0\0\0\x03\xE8"s);
}

CAF_TEST(an upgrade is accepted only with the right answer to the key) {
  auto request = upgrade_request("localhost:3000", "/socket.io/?EIO=4");
  CAF_CHECK(request.starts_with("GET /socket.io/?EIO=4 HTTP/1.1\r\n"));
  CAF_CHECK(request.find("Host: localhost:3000\r\n") != std::string::npos);
  CAF_CHECK(request.ends_with("\r\n\r\n"));
  auto accepts = [](const std::string& status, const std::string& field) {
    return accepts_upgrade("HTTP/1.1 " + status + "\r\nUpgrade: websocket\r\n"
                           + field + "\r\nServer: x\r\n\r\n");
  };
  auto right = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="s;
  CAF_CHECK(
    accepts("101 Switching Protocols", "Sec-WebSocket-Accept: " + right));
  CAF_CHECK(accepts("101 x", "sec-websocket-accept:" + right + " \t"));
  CAF_CHECK(!accepts("101 x", "sec-websocket-accept: " + right + "="));
  CAF_CHECK(!accepts("101 x", "sec-websocket-accept:"));
  CAF_CHECK(!accepts("101 x", "x-accept: " + right));
  CAF_CHECK(!accepts("400 Bad Request", "Sec-WebSocket-Accept: " + right));
}
