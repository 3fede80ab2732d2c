#include "tools/loadgen/process.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace observer::loadgen {

namespace {

std::string contents(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

double microseconds(const timeval& x) {
  return static_cast<double>(x.tv_sec) * 1e6 + static_cast<double>(x.tv_usec);
}

} // namespace

std::optional<cpu_ticks> parse_stat(std::string_view stat) {
  // The second field is the name in parentheses, with blanks and parentheses
  // of its own; utime and stime are the 12th and 13th behind it.
  auto name_end = stat.rfind(')');
  if (name_end == std::string_view::npos)
    return {};
  std::istringstream fields{std::string{stat.substr(name_end + 1)}};
  std::string skipped;
  for (int i = 0; i < 11; ++i)
    fields >> skipped;
  cpu_ticks result;
  if (!(fields >> result.user >> result.system))
    return {};
  return result;
}

std::uint64_t status_field(std::string_view status, std::string_view name) {
  std::string line_begin{'\n'};
  line_begin += name;
  line_begin += ':';
  auto at = status.find(line_begin);
  if (at == std::string_view::npos)
    return 0;
  status.remove_prefix(at + line_begin.size());
  status.remove_prefix(
    std::min(status.find_first_not_of(" \t"), status.size()));
  std::uint64_t result = 0;
  std::from_chars(status.data(), status.data() + status.size(), result);
  return result;
}

std::optional<process_usage> usage_of(const std::vector<int>& pids) {
  process_usage result;
  auto tick_us = 1e6 / static_cast<double>(sysconf(_SC_CLK_TCK));
  for (auto pid : pids) {
    auto folder = std::filesystem::path{"/proc"} / std::to_string(pid);
    auto ticks = parse_stat(contents(folder / "stat"));
    if (!ticks)
      return {};
    result.user_us += static_cast<double>(ticks->user) * tick_us;
    result.system_us += static_cast<double>(ticks->system) * tick_us;
    result.rss_kib += status_field(contents(folder / "status"), "VmRSS");
    // The process's own status counts the switches of its first thread only.
    std::error_code gone;
    for (std::filesystem::directory_iterator it{folder / "task", gone}, end;
         !gone && it != end; it.increment(gone)) {
      auto status = contents(it->path() / "status");
      result.voluntary_switches += status_field(status,
                                                "voluntary_ctxt_switches");
      result.involuntary_switches += status_field(status,
                                                  "nonvoluntary_ctxt_switches");
    }
  }
  return result;
}

process_usage own_usage() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  process_usage result;
  result.user_us = microseconds(used.ru_utime);
  result.system_us = microseconds(used.ru_stime);
  return result;
}

} // namespace observer::loadgen
