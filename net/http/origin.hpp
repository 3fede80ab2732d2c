#pragma once

#include "net/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace observer::http {

/// Which web pages may speak to the server: those of its own origin, and those
/// on a list. Requests without an Origin do not come from a page.
class origin_policy {
public:
  origin_policy() = default;

  /// @param allowed origins such as `https://example.org`, or `*` for all
  ///        (then without credentials).
  explicit origin_policy(std::vector<std::string> allowed);

  /// Whether the page that sent `in` may speak to us.
  [[nodiscard]] bool allows(const request& in) const;

  /// Adds what tells the browser so; refused origins get nothing.
  void add_headers(const request& in, response& out) const;

  /// Whether `in` is a CORS preflight.
  [[nodiscard]] static bool is_preflight(const request& in);

  /// Answers a preflight: 204.
  [[nodiscard]] response answer_preflight(const request& in) const;

private:
  std::vector<std::string> allowed_;
  bool all_ = false;
};

} // namespace observer::http
