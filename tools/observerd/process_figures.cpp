#include "tools/observerd/process_figures.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/resource.h>
#include <unistd.h>

namespace observer {

namespace {

double to_seconds(const timeval& x) {
  return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_usec) / 1e6;
}

/// The second number of `/proc/self/statm` (proc(5)), in pages.
std::uint64_t resident_pages() {
  std::ifstream in{"/proc/self/statm"};
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  in >> size >> resident;
  return resident;
}

std::uint64_t count_descriptors() {
  std::error_code none;
  std::filesystem::directory_iterator all{"/proc/self/fd", none};
  return static_cast<std::uint64_t>(std::distance(begin(all), end(all)));
}

} // namespace

gateway::process_figures measure_process() {
  gateway::process_figures result;
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0)
    result.cpu_seconds = to_seconds(used.ru_utime) + to_seconds(used.ru_stime);
  result.resident_bytes = resident_pages()
                          * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  result.open_descriptors = count_descriptors();
  return result;
}

} // namespace observer
