#pragma once

#include "net/http/message.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace observer::http {

/// A request as a route sees it.
struct routed_request {
  const request& message;
  std::vector<std::string> arguments; ///< what stood for `{}` in the pattern
  std::map<std::string, std::string, std::less<>> query; ///< decoded

  /// A query parameter; nothing if it is not there.
  [[nodiscard]] std::optional<std::string_view>
  parameter(std::string_view name) const;
};

/// One row an endpoint. All are read-only: GET, and HEAD with it.
struct route {
  /// Path with `{}` for one segment, e.g. `/api/room/{}/messages`.
  std::string pattern;
  std::function<void(const routed_request&, const responder&)> serve;
};

/// Finds the route of a request; answers 404, 405 and 400 itself.
class router {
public:
  explicit router(std::vector<route> routes);

  void operator()(const request& in, const responder& respond) const;

private:
  struct entry {
    std::vector<std::string> segments;
    route target;
  };

  std::vector<entry> entries_;
};

} // namespace observer::http
