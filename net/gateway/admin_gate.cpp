#include "net/gateway/admin_gate.hpp"

#include <utility>

namespace observer::gateway {

namespace {

constexpr std::string_view scheme = "Bearer ";

/// Looks at every character, whatever the first difference is.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size())
    return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

} // namespace

admin_gate::admin_gate(std::string token, std::uint32_t tries,
                       limit_counts::counter& met)
  : token_(std::move(token)),
    tries_{tries / 60.0, static_cast<double>(tries)},
    met_(met) {
}

admin_gate::verdict admin_gate::check(std::string_view authorization,
                                      monotonic now) {
  if (authorization.empty())
    return verdict::no_token;
  if (!left_.has_one(tries_, now)) {
    ++met_;
    return verdict::held_off;
  }
  if (authorization.starts_with(scheme)
      && equal_in_constant_time(authorization.substr(scheme.size()), token_))
    return verdict::granted;
  left_.charge(tries_, now);
  return verdict::refused;
}

std::chrono::seconds admin_gate::pause() const noexcept {
  return std::chrono::ceil<std::chrono::seconds>(
    std::chrono::duration<double>{1 / tries_.per_second});
}

} // namespace observer::gateway
