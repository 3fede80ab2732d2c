#include "net/socketio/iso_time.hpp"

namespace observer::socketio {

namespace {

/// Appends `value` in `width` digits.
void append_digits(std::string& out, unsigned value, int width) {
  out.resize(out.size() + static_cast<std::size_t>(width));
  for (auto at = out.rbegin(); width > 0; --width, value /= 10)
    *at++ = static_cast<char>('0' + value % 10);
}

} // namespace

void append_iso_time(std::string& out,
                     std::chrono::sys_time<std::chrono::milliseconds> at) {
  using namespace std::chrono;
  auto day = floor<days>(at);
  year_month_day date{day};
  hh_mm_ss time{at - day};
  auto add = [&out](auto value, int width, char behind) {
    append_digits(out, static_cast<unsigned>(value), width);
    out.push_back(behind);
  };
  add(static_cast<int>(date.year()), 4, '-');
  add(static_cast<unsigned>(date.month()), 2, '-');
  add(static_cast<unsigned>(date.day()), 2, 'T');
  add(time.hours().count(), 2, ':');
  add(time.minutes().count(), 2, ':');
  add(time.seconds().count(), 2, '.');
  add(time.subseconds().count(), 3, 'Z');
}

} // namespace observer::socketio
