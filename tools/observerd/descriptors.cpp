#include "tools/observerd/descriptors.hpp"

#include <algorithm>
#include <sys/resource.h>

namespace observer {

namespace {

constexpr std::size_t least_reserve = 16;
constexpr std::size_t most_reserve = 1024;

rlimit read_limit() {
  rlimit result{};
  ::getrlimit(RLIMIT_NOFILE, &result);
  return result;
}

} // namespace

std::size_t descriptor_limit() {
  return read_limit().rlim_max;
}

void raise_descriptor_limit() {
  auto limit = read_limit();
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::size_t max_client_descriptor(std::size_t limit) {
  auto reserve = std::clamp(limit / 8, least_reserve, most_reserve);
  return limit - std::min(limit, reserve);
}

} // namespace observer
