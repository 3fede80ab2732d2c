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

  [[nodiscard]] stream_socket near(net::io_context& context) const {
    return {context, {AF_UNIX, 0}, ends[0]};
  }

  /// What is there to hear at the far end.
  [[nodiscard]] std::string hear() const {
    std::array<char, 64 * 1024> got;
    auto size = ::recv(ends[1], got.data(), got.size(), MSG_DONTWAIT);
    return {got.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
  }

  /// Whether the near end says nothing more.
  [[nodiscard]] bool is_over() const {
    char byte = 0;
    return ::recv(ends[1], &byte, 1, MSG_DONTWAIT) == 0;
  }

  /// Whether the near end is closed.
  [[nodiscard]] bool is_closed() const {
    return ::send(ends[1], "?", 1, MSG_NOSIGNAL | MSG_DONTWAIT) < 0;
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
  void on_drained() override {
    ++drained;
    if (leaves) {
      speaker->release([this](int descriptor) {
        is_gone = true;
        ::close(descriptor);
      });
      left_amid_a_call = is_gone;
    }
  }

  std::unique_ptr<channel> speaker;
  std::string heard;
  int drained = 0;
  bool insists = false; ///< asks for more in the midst of a read
  bool leaves = false;  ///< gives its socket away once all has left
  bool is_gone = false;
  bool left_amid_a_call = false;
};

struct loop_by_hand {
  explicit loop_by_hand(backend how) : host(context, how) {
  }

  ~loop_by_hand() {
    if (who->speaker)
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

/// A channel that reads is handed on, and the first user goes.
/// @returns what the second one heard.
inline std::string hand_on_amid_a_read(backend how) {
  loop_by_hand loop{how};
  line with;
  loop.open(with);
  loop.who->speaker->read(true);
  loop.run();
  auto first = std::exchange(loop.who, std::make_shared<test_user>());
  auto& second = *loop.who;
  second.speaker = std::move(first->speaker);
  second.speaker->hand_on(second);
  first.reset();
  with.say("one");
  loop.run();
  with.say("two");
  loop.run();
  ::close(with.ends[1]);
  return second.heard;
}

/// As above, but the second goes as well, and nobody is there to hear.
inline bool hand_on_and_go(backend how) {
  loop_by_hand loop{how};
  line with;
  loop.open(with);
  loop.who->speaker->read(true);
  loop.run();
  auto second = std::make_shared<test_user>();
  second->speaker = std::move(loop.who->speaker);
  second->speaker->hand_on(*second);
  loop.who = std::make_shared<test_user>();
  second->speaker->close();
  second.reset();
  loop.run();
  auto result = with.is_over();
  ::close(with.ends[1]);
  return result;
}

/// A socket is given away while it is read from.
/// @returns what was heard before that, and what is left to the taker.
inline std::pair<std::string, std::string> release_amid_a_read(backend how) {
  loop_by_hand loop{how};
  line with;
  loop.open(with);
  loop.who->speaker->read(true);
  loop.run();
  with.say("before");
  loop.run();
  int taken = -1;
  loop.who->speaker->release([&](int descriptor) { taken = descriptor; });
  loop.run();
  with.say("behind");
  loop.run();
  std::array<char, 8> got{};
  auto size = ::recv(taken, got.data(), got.size(), MSG_DONTWAIT);
  ::close(taken);
  ::close(with.ends[1]);
  return {loop.who->heard,
          std::string{got.data(),
                      static_cast<std::size_t>(std::max<ssize_t>(size, 0))}};
}

/// @returns how often a user heard that all had left: before anything was
///          flushed, and behind it.
inline std::pair<int, int> tell_drained(backend how) {
  loop_by_hand loop{how};
  line with;
  loop.open(with);
  loop.who->speaker->push(std::make_shared<std::string>("Hello"));
  loop.who->speaker->tell_drained();
  auto before = loop.who->drained;
  loop.run();
  loop.who->speaker->push(std::make_shared<std::string>("nobody asks"));
  loop.run();
  ::close(with.ends[1]);
  return {before, loop.who->drained};
}

/// A user that does not read gives its socket away when it is told that all has
/// left.
/// @returns whether it went, and whether that was in the midst of the channel's
///          own call
inline std::pair<bool, bool> release_once_drained(backend how) {
  loop_by_hand loop{how};
  line with;
  loop.open(with);
  loop.who->leaves = true;
  loop.who->speaker->push(std::make_shared<std::string>("bye"));
  loop.who->speaker->tell_drained();
  loop.run();
  loop.run();
  ::close(with.ends[1]);
  return {loop.who->is_gone, loop.who->left_amid_a_call};
}

/// A user gives its socket away while something is queued, perhaps more than
/// the socket takes.
/// @returns how much the far end had heard by then, and whether anything is
/// left
///          to hear
inline std::pair<std::size_t, bool> release_with_queue(backend how,
                                                       std::size_t bytes) {
  loop_by_hand loop{how};
  line with;
  loop.open(with);
  loop.who->speaker->read(true);
  loop.who->speaker->push(std::make_shared<std::string>(bytes, 'x'));
  auto given = -1;
  loop.who->speaker->release([&](int descriptor) { given = descriptor; });
  std::size_t heard = 0;
  for (int i = 0; i < 1000 && given < 0; ++i) {
    loop.run();
    if (given < 0)
      heard += with.hear().size();
  }
  for (auto more = with.hear(); !more.empty(); more = with.hear())
    heard += more.size();
  auto is_left = given < 0;
  ::close(given);
  ::close(with.ends[1]);
  return {heard, is_left};
}

} // namespace observer::io
