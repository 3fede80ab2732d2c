#include "net/gateway/json_writer.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace observer::gateway {

void append_time(std::string& out, timestamp at) {
  using namespace std::chrono;
  auto day = floor<days>(at);
  year_month_day date{day};
  hh_mm_ss time{at - day};
  fmt::format_to(
    std::back_inserter(out), "\"{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z\"",
    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
    static_cast<unsigned>(date.day()), time.hours().count(),
    time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

} // namespace observer::gateway
