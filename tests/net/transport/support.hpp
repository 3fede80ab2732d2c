#include "net/transport/channel.hpp"

#include "net/transport/server.hpp"

#include <array>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#define CAF_SUITE net.transport.channel
#include "tests/test.hpp"

using namespace observer::transport;

namespace {

/// Two connected sockets; which kind does not matter to a channel.
struct line {
  line() {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0)
      CAF_FAIL("no sockets");
  }

  void say(std::string_view text) const {
    CAF_CHECK_EQUAL(::send(ends[1], text.data(), text.size(), MSG_NOSIGNAL),
                    static_cast<ssize_t>(text.size()));
  }

  [[nodiscard]] tcp::socket near(net::io_context& context) const {
    tcp::socket result{context, tcp::v4(), ends[0]};
    result.non_blocking(true);
    return result;
  }

  std::array<int, 2> ends{};
};

struct listener final : channel_user {
  void on_bytes(std::span<char> bytes) override {
    heard.append(bytes.data(), bytes.size());
    if (insists)
      speaker->read(true);
  }
  void on_input_end() override {
  }
  void on_output_failed() override {
  }

  std::unique_ptr<channel> speaker;
  std::string heard;
  bool insists = false; ///< asks for more in the midst of a read
};

/// One loop, run by hand.
struct fixture {
  explicit fixture(bool use_io_uring) {
    settings.use_io_uring = use_io_uring;
  }

  ~fixture() {
    who->speaker->close();
    host.release();
    run();
  }

  void open(const line& with) {
    who->speaker = open_channel(host, with.near(context), *who);
  }

  void run() {
    context.restart();
    context.poll();
  }

  net::io_context context;
  options settings;
  server parent{settings};
  worker host{parent, 0, context, settings, {}, nullptr};
  std::shared_ptr<listener> who = std::make_shared<listener>();
};

} // namespace

CAF_TEST(who asks for more in the midst of a read gets it once and in order) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text.push_back(static_cast<char>('a' + i % 26));
  for (auto use_io_uring : {false, true}) {
    fixture loop{use_io_uring};
    line with;
    loop.open(with);
    loop.who->insists = true;
    loop.who->speaker->read(true);
    loop.run();
    with.say("!");
    loop.run();
    with.say(text);
    loop.run();
    CAF_CHECK_EQUAL(loop.who->heard, "!" + text);
    ::close(with.ends[1]);
  }
}

CAF_TEST(what a closed channel asked for does not fall to the next socket) {
  for (auto use_io_uring : {false, true}) {
    fixture loop{use_io_uring};
    line before;
    line after;
    loop.open(before);
    loop.who->speaker->read(true);
    loop.who->speaker->close();
    // The next socket gets the number that is free now.
    CAF_CHECK_EQUAL(::dup2(after.ends[0], before.ends[0]), before.ends[0]);
    after.say("mine");
    loop.run();
    std::array<char, 8> got{};
    CAF_CHECK_EQUAL(::recv(after.ends[0], got.data(), got.size(), MSG_DONTWAIT),
                    4);
    CAF_CHECK_EQUAL(loop.who->heard, "");
    for (auto end :
         {before.ends[0], before.ends[1], after.ends[0], after.ends[1]})
      ::close(end);
  }
}
