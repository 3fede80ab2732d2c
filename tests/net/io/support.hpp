#pragma once

#include "net/io/channel.hpp"
#include "net/io/loop.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

/// What channels of every kind are put through.
namespace observer::io {

/// Two connected sockets; which kind does not matter to a channel.
struct line {
  line() {
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0)
      throw std::runtime_error{"no sockets"};
  }

  void say(std::string_view text) const {
    if (::send(ends[1], text.data(), text.size(), MSG_NOSIGNAL)
        != static_cast<ssize_t>(text.size()))
      throw std::runtime_error{"the line is full"};
  }

  [[nodiscard]] tcp::socket near(net::io_context& context) const {
    tcp::socket result{context, tcp::v4(), ends[0]};
    result.non_blocking(true);
    return result;
  }

  std::array<int, 2> ends{};
};

struct test_user final : channel_user {
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

struct loop_by_hand {
  explicit loop_by_hand(backend how) : host(context, how) {
  }

  ~loop_by_hand() {
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
  loop host;
  std::shared_ptr<test_user> who = std::make_shared<test_user>();
};

/// What a user hears that asks for more in the midst of a read.
/// @returns what it heard, and what was said.
inline std::pair<std::string, std::string> ask_amid_a_read(backend how) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text.push_back(static_cast<char>('a' + i % 26));
  loop_by_hand loop{how};
  line with;
  loop.open(with);
  loop.who->insists = true;
  loop.who->speaker->read(true);
  loop.run();
  with.say("!");
  loop.run();
  with.say(text);
  loop.run();
  ::close(with.ends[1]);
  return {loop.who->heard, "!" + text};
}

/// A channel is closed while it reads, and another socket gets its number.
/// @returns what the channel heard, and what was left to the socket.
inline std::pair<std::string, std::string> reuse_a_number(backend how) {
  loop_by_hand loop{how};
  line before;
  line after;
  loop.open(before);
  loop.who->speaker->read(true);
  loop.who->speaker->close();
  if (::dup2(after.ends[0], before.ends[0]) != before.ends[0])
    throw std::runtime_error{"the number is not free"};
  after.say("mine");
  loop.run();
  std::array<char, 8> got{};
  auto size = ::recv(after.ends[0], got.data(), got.size(), MSG_DONTWAIT);
  for (auto end :
       {before.ends[0], before.ends[1], after.ends[0], after.ends[1]})
    ::close(end);
  return {loop.who->heard,
          std::string{got.data(),
                      static_cast<std::size_t>(std::max<ssize_t>(size, 0))}};
}

} // namespace observer::io
