#pragma once

#include "messages/ids.hpp"
#include "messages/limit_counts.hpp"
#include "messages/limits/token_bucket.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace observer::gateway {

/// Lets in who has the admin token. All who can reach the admin listener are on
/// this machine and may have any loopback address, so they share the tries.
class admin_gate {
public:
  enum class verdict {
    granted,
    no_token, ///< none was given: not a try
    refused,  ///< a wrong one was given
    held_off, ///< too many wrong ones were given: this one was not looked at
  };

  /// @param tries wrong tokens a minute.
  /// @param met counts who is held off.
  admin_gate(std::string token, std::uint32_t tries,
             limit_counts::counter& met);

  /// @param authorization value of the header `Authorization`.
  [[nodiscard]] verdict check(std::string_view authorization, monotonic now);

  /// How long until there is a try again.
  [[nodiscard]] std::chrono::seconds pause() const noexcept;

private:
  std::string token_;
  token_rate tries_;
  token_bucket left_;
  limit_counts::counter& met_;
};

} // namespace observer::gateway
