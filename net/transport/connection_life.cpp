#include "net/transport/connection_life.hpp"

#include <array>

namespace observer::transport {

namespace {

std::chrono::milliseconds between(life_recorder::time_point from,
                                  life_recorder::time_point to) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(to - from);
}

} // namespace

void life_recorder::came(std::string_view type, std::size_t bytes,
                         time_point at) {
  ++messages_;
  heard_ = at;
  if (type != "2" && type != "3")
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

std::string_view note_type(std::string_view message, bool binary) {
  static constexpr std::array<std::string_view, 7> packets{
    "40", "41", "42", "43", "44", "45", "46"};
  static constexpr std::array<std::string_view, 7> engine{"0", "1", "2", "3",
                                                          "4", "5", "6"};
  if (binary)
    return "b";
  if (message.size() > 1 && message[0] == '4' && message[1] >= '0'
      && message[1] <= '6')
    return packets[static_cast<std::size_t>(message[1] - '0')];
  if (!message.empty() && message[0] >= '0' && message[0] <= '6')
    return engine[static_cast<std::size_t>(message[0] - '0')];
  return "?";
}

} // namespace observer::transport
