#include "net/websocket/message_reader.hpp"

#include "tests/net/websocket/support.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <random>

#define CAF_SUITE net.websocket.message_reader
#include "tests/test.hpp"

using namespace observer::websocket;
using namespace std::string_literals;

namespace {

constexpr unsigned char text = 0x81;
constexpr unsigned char binary = 0x82;
constexpr unsigned char text_begins = 0x01;
constexpr unsigned char goes_on = 0x00;
constexpr unsigned char ends = 0x80;
constexpr unsigned char close_ = 0x88;
constexpr unsigned char ping = 0x89;
constexpr unsigned char pong = 0x8A;

/// The same with Beast's stream, as a second opinion.
std::string read_with_beast(const std::string& frames,
                            const reader_limits& limits) {
  namespace beast = boost::beast;
  boost::asio::io_context context;
  beast::test::stream ours{context};
  beast::test::stream peer{context};
  ours.connect(peer);
  ours.append("GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  beast::websocket::stream<beast::test::stream&, false> stream{ours};
  beast::error_code error;
  stream.accept(error);
  peer.clear();
  stream.read_message_max(limits.message_bytes);
  std::string result;
  stream.control_callback(
    [&](beast::websocket::frame_type kind, std::string_view data) {
      using beast::websocket::frame_type;
      if (kind == frame_type::close)
        return; // told below, with its code
      result += kind == frame_type::ping ? "9:" : "10:";
      result += data;
      result += ' ';
    });
  ours.append(frames);
  peer.close();
  for (;;) {
    beast::flat_buffer buffer;
    stream.read(buffer, error);
    if (error)
      break;
    result += stream.got_binary() ? "2:" : "1:";
    result += beast::buffers_to_string(buffer.data());
    result += ' ';
  }
  if (error == beast::websocket::error::closed) {
    result += "8";
  } else if (error != boost::asio::error::eof
             && error != beast::websocket::error::buffer_overflow) {
    auto said = peer.str(); // pongs, then the close frame
    auto code = said.size() >= 4 ? code_in(said.substr(said.size() - 2))
                                 : close_code::none;
    result += "fail:" + std::to_string(static_cast<int>(code));
  }
  return result;
}

/// A stream of frames that is right more often than not.
std::string random_frames(std::mt19937& random) {
  auto pick = [&](int n) {
    return std::uniform_int_distribution<int>{0, n - 1}(random);
  };
  auto payload = [&](int size) {
    std::string out;
    while (static_cast<int>(out.size()) < size)
      if (pick(200) == 0)
        out += static_cast<char>(pick(256));
      else
        out += std::array{"a"s, "é"s, "€"s}[static_cast<std::size_t>(pick(3))];
    return out;
  };
  constexpr unsigned char firsts[] = {text, binary, text_begins, goes_on, ends,
                                      ping, pong,   close_,      0x02};
  std::string out;
  bool inside = false;
  for (int i = pick(6); i >= 0; --i) {
    auto first = firsts[pick(9)];
    if (inside && (first & 0x0F) < 8 && pick(20) > 0)
      first = pick(2) == 0 ? goes_on : ends;
    else if (!inside && (first & 0x0F) == 0 && pick(20) > 0)
      first = text;
    if (pick(40) == 0)
      first = static_cast<unsigned char>(pick(256));
    if ((first & 0x0F) < 8)
      inside = (first & 0x80) == 0;
    auto size = pick(10) == 0 ? 120 + pick(20) : pick(20);
    auto data = payload(size);
    // Codes from 5000 up are wrong to us, not to Beast; and a bad reason is
    // 1007 to us, 1002 to Beast.
    if ((first & 0x0F) == 8)
      data = std::array{""s,     "\x03\xE8 bye"s, "\x0B\xB8"s,
                        "\x03"s, "\x03\xED"s,     "\x03\xE8\xFF"s}
        [static_cast<std::size_t>(pick(5))];
    auto frame = client_frame(first, data,
                              static_cast<std::uint32_t>(random()));
    if (pick(60) == 0)
      frame[1] = static_cast<char>(pick(256));
    out += frame;
  }
  return out;
}

} // namespace

CAF_TEST(the examples of RFC 6455 are read) {
  CAF_CHECK_EQUAL(read_all("\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s),
                  "1:Hello ");
  CAF_CHECK_EQUAL(read_all("\x89\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s),
                  "9:Hello ");
}

CAF_TEST(one read may carry many frames) {
  CAF_CHECK_EQUAL(read_all(client_frame(text, "a") + client_frame(binary, "b")
                           + client_frame(text, "")),
                  "1:a 2:b 1: ");
}

CAF_TEST(lengths of every size are read) {
  for (std::size_t size : {0, 1, 125, 126, 127, 65535, 65536, 70000}) {
    std::string data(size, 'x');
    CAF_CHECK_EQUAL(read_all(client_frame(binary, data)), "2:" + data + " ");
  }
}

CAF_TEST(a message in fragments is one and control frames may come between) {
  auto stream = client_frame(text_begins, "Hel") + client_frame(ping, "?")
                + client_frame(goes_on, "l") + client_frame(ends, "o")
                + client_frame(text, "next");
  CAF_CHECK_EQUAL(read_all(stream), "9:? 1:Hello 1:next ");
}

CAF_TEST(where the stream is cut makes no difference) {
  auto stream = client_frame(text_begins, "Gr\xC3") + client_frame(ping, "now")
                + client_frame(ends, "\xBC\xC3\x9F"
                                     "e")
                + client_frame(binary, std::string(300, 'b'))
                + client_frame(text, "x") + client_frame(close_, "\x03\xE8");
  auto whole = read_all(stream);
  CAF_CHECK_EQUAL(whole, "9:now 1:Gr\u00FC\u00DFe 2:" + std::string(300, 'b')
                           + " 1:x 8:\x03\xE8 ");
  for (std::size_t step = 1; step < stream.size(); ++step)
    CAF_CHECK_EQUAL(read_all(stream, {}, step), whole);
}

CAF_TEST(whether a message waits for its end is known at every byte) {
  const auto first = client_frame(text_begins, "Hel");
  const auto between = client_frame(ping, "x");
  const auto stream = first + between + client_frame(ends, "lo");
  const reader_limits limits;
  message_reader reader{limits};
  CAF_CHECK(!reader.is_inside());
  for (std::size_t i = 0; i < stream.size(); ++i) {
    (void) read_all(reader, stream.substr(i, 1));
    CAF_CHECK_EQUAL(reader.is_inside(), i + 1 < stream.size());
  }
  const std::string large(100'000, 'x');
  (void) read_all(reader, client_frame(text_begins, large));
  CAF_CHECK(reader.is_inside());
  CAF_CHECK(reader.unfinished_bytes() >= large.size());
  (void) read_all(reader, client_frame(ends, ""));
  CAF_CHECK(!reader.is_inside());
  CAF_CHECK(reader.unfinished_bytes() < 100);
}

CAF_TEST(violations are failed with their code) {
  auto fails = [](const std::string& stream) {
    auto result = read_all(stream);
    return result.starts_with("fail:") ? result.substr(5) : "none";
  };
  CAF_CHECK_EQUAL(fails("\x81\x01x"s), "1002");            // unmasked
  CAF_CHECK_EQUAL(fails(client_frame(0xC1, "x")), "1002"); // reserved
  CAF_CHECK_EQUAL(fails(client_frame(0xA1, "x")), "1002"); //
  CAF_CHECK_EQUAL(fails(client_frame(0x83, "x")), "1002"); // opcode
  CAF_CHECK_EQUAL(fails(client_frame(0x8B, "x")), "1002"); //
  CAF_CHECK_EQUAL(fails(client_frame(0x09, "x")), "1002"); // cut control
  CAF_CHECK_EQUAL(fails(client_frame(ping, std::string(126, 'x'))), "1002");
  CAF_CHECK_EQUAL(fails(client_frame(ends, "x")), "1002"); // no message
  CAF_CHECK_EQUAL(fails("\x81\xFE\x00\x05"s + "mask" + "xxxxx"), "1002");
  CAF_CHECK_EQUAL(fails("\x81\xFF\x00\x00\x00\x00\x00\x00\xFF\xFF"s + "mask"),
                  "1002");
  CAF_CHECK_EQUAL(fails("\x81\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s + "mask"),
                  "1002");
  CAF_CHECK_EQUAL(fails(client_frame(text, "\xC3")), "1007");
  CAF_CHECK_EQUAL(fails(client_frame(text, "\xED\xA0\x80")), "1007");
  CAF_CHECK_EQUAL(fails(client_frame(close_, "\x03")), "1002");
  CAF_CHECK_EQUAL(fails(client_frame(close_, "\x03\xED")), "1002"); // 1005
  CAF_CHECK_EQUAL(fails(client_frame(close_, "\x03\xE8\xFF")), "1007");
  CAF_CHECK_EQUAL(
    read_all(client_frame(text_begins, "a") + client_frame(text, "b")),
    "fail:1002");
  CAF_CHECK_EQUAL(read_all(client_frame(binary, "\xC3")), "2:\xC3 ");
}

CAF_TEST(a message over the limit is refused at its header) {
  reader_limits limits{.message_bytes = 10};
  CAF_CHECK_EQUAL(read_all(client_frame(text, "0123456789"), limits),
                  "1:0123456789 ");
  auto header = client_frame(text, "0123456789A").substr(0, 6);
  CAF_CHECK_EQUAL(read_all(header, limits), "fail:1009");
  CAF_CHECK_EQUAL(read_all(client_frame(text_begins, "01234567")
                             + client_frame(ends, "89A").substr(0, 6),
                           limits),
                  "fail:1009");
}

CAF_TEST(a message has no more fragments than allowed) {
  reader_limits limits{.fragments = 3};
  auto begin = client_frame(text_begins, "a") + client_frame(goes_on, "b");
  CAF_CHECK_EQUAL(read_all(begin + client_frame(ends, "c"), limits), "1:abc ");
  CAF_CHECK_EQUAL(
    read_all(begin + client_frame(goes_on, "") + client_frame(ends, "c"),
             limits),
    "fail:1002");
  auto again = begin + client_frame(ends, "c");
  CAF_CHECK_EQUAL(read_all(again + again, limits), "1:abc 1:abc ");
}

CAF_TEST(compressed messages are read where that was agreed on) {
  deflater deflate;
  inflater inflate;
  std::string plain(5000, 'x');
  auto compressed = deflate.deflate(plain);
  auto stream = client_frame(0xC1, compressed) + client_frame(text, "plain")
                + client_frame(0x41, compressed.substr(0, 3))
                + client_frame(ends, compressed.substr(3));
  reader_limits limits;
  message_reader agreed{limits};
  agreed.allow_compression(inflate);
  CAF_CHECK_EQUAL(read_all(agreed, stream),
                  "1:" + plain + " 1:plain 1:" + plain + " ");
  CAF_CHECK_EQUAL(read_all(stream), "fail:1002");
}

CAF_TEST(a bomb is refused before it goes off) {
  deflater deflate;
  inflater inflate;
  auto bomb = deflate.deflate(std::string(1'000'000, 'x'));
  CAF_REQUIRE_LESS(bomb.size(), 10'000u);
  reader_limits limits{.message_bytes = 999'999};
  message_reader reader{limits};
  reader.allow_compression(inflate);
  CAF_CHECK_EQUAL(read_all(reader, client_frame(0xC2, bomb)), "fail:1009");
  reader_limits enough{.message_bytes = 1'000'000};
  message_reader other{enough};
  other.allow_compression(inflate);
  CAF_CHECK_EQUAL(read_all(other, client_frame(0xC2, bomb)).size(), 1'000'003u);
  CAF_CHECK_EQUAL(read_all(other, client_frame(0xC1, "rubbish")), "fail:1007");
}

CAF_TEST(Beast reads the same) {
  std::mt19937 random{20261124}; // NOLINT: the same streams each time
  reader_limits limits{.message_bytes = 200};
  std::size_t failed = 0;
  std::size_t messages = 0;
  for (int i = 0; i < 5000; ++i) {
    auto stream = random_frames(random);
    auto ours = read_all(stream, limits);
    // Beast tells the code of a close frame in another place.
    if (auto at = ours.find("8:"); at != std::string::npos
                                   && ours.compare(at, 2, "8:") == 0
                                   && (at == 0 || ours[at - 1] == ' '))
      ours.resize(at + 1);
    auto theirs = read_with_beast(stream, limits);
    // Beast looks at the UTF-8 of each fragment, we at that of each message;
    // and a close frame whose reason is none is 1002 to Beast, 1007 to us.
    auto before = theirs.substr(0, theirs.find("fail:"));
    if ((theirs.ends_with("fail:1007") && ours.starts_with(before))
        || (theirs.ends_with("fail:1002") && ours == before + "fail:1007"))
      continue;
    failed += ours.find("fail:") != std::string::npos ? 1 : 0;
    messages += ours.find(' ') != std::string::npos ? 1 : 0;
    if (ours != theirs)
      CAF_FAIL("stream " << i << ": " << ours << " instead of " << theirs);
  }
  CAF_CHECK_GREATER(failed, 1000u);
  CAF_CHECK_GREATER(messages, 2000u);
}
