#include "net/transport/connection_life.hpp"

namespace observer::transport {

namespace {

std::chrono::milliseconds between(life_recorder::time_point from,
                                  life_recorder::time_point to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
}

constexpr note_type ping{2};
constexpr note_type pong{3};

} // namespace

void life_recorder::came(note_type type, std::size_t bytes,
                         time_point at) {
  ++messages_;
  heard_ = at;
  if (type != ping && type != pong)
    notes_.add({static_cast<std::uint32_t>(between(opened_, at).count()),
                static_cast<std::uint32_t>(bytes), type});
}

void life_recorder::upgraded(time_point at) {
  upgraded_ = between(opened_, at);
}

connection_life life_recorder::until(time_point now) const {
  connection_life out;
  out.age = between(opened_, now);
  out.silent = between(heard_, now);
  out.upgraded = upgraded_;
  out.messages = messages_;
  out.queued_most = queued_most_;
  out.last = notes_.all();
  out.detail = detail_;
  return out;
}

note_type type_of(std::string_view message, bool binary) {
  auto digit = [&](std::size_t at) {
    return at < message.size() && message[at] >= '0' && message[at] <= '6'
             ? message[at] - '0'
             : -1;
  };
  if (binary)
    return note_type::binary;
  auto first = digit(0);
  if (first < 0)
    return note_type::unknown;
  auto second = first == 4 ? digit(1) : -1;
  return static_cast<note_type>(second < 0 ? first : first * 10 + second);
}

std::string to_string(note_type x) {
  switch (x) {
    case note_type::binary:
      return "b";
    case note_type::post:
      return "post";
    case note_type::unknown:
      return "?";
    default:
      return std::to_string(static_cast<int>(x));
  }
}

} // namespace observer::transport
