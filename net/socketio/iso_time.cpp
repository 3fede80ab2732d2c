#include "net/socketio/iso_time.hpp"

#include <array>

namespace observer::socketio {

namespace {

/// Writes `value` in `width` digits, and a character behind.
char* put(char* at, unsigned value, int width, char behind) {
  for (int i = width - 1; i >= 0; --i, value /= 10)
    at[i] = static_cast<char>('0' + value % 10);
  at[width] = behind;
  return at + width + 1;
}

} // namespace

void append_iso_time(std::string& out,
                     std::chrono::sys_time<std::chrono::milliseconds> at) {
  using namespace std::chrono;
  auto day = floor<days>(at);
  year_month_day date{day};
  hh_mm_ss time{at - day};
  std::array<char, 24> text;
  auto* end = text.data();
  auto add = [&end](auto value, int width, char behind) {
    end = put(end, static_cast<unsigned>(value), width, behind);
  };
  add(static_cast<int>(date.year()), 4, '-');
  add(static_cast<unsigned>(date.month()), 2, '-');
  add(static_cast<unsigned>(date.day()), 2, 'T');
  add(time.hours().count(), 2, ':');
  add(time.minutes().count(), 2, ':');
  add(time.seconds().count(), 2, '.');
  add(time.subseconds().count(), 3, 'Z');
  out.append(text.data(), text.size());
}

} // namespace observer::socketio
