#pragma once

#include "actors/runtime/directory.hpp"
#include "net/gateway/admin_gate.hpp"
#include "net/gateway/ended_clients.hpp"
#include "net/gateway/query_actor.hpp"
#include "net/http/router.hpp"

#include <functional>
#include <string>

namespace observer::gateway {

/// The endpoints behind `observerctl`, for whoever has the token:
/// `/actors`, `/actors/{id}`, `/alarms`, `/ended` (the last 1,000),
/// `/ended/{socket id}`, `/rooms`, `/sessions`, `/limits`, `/metrics`.
/// Lists of actors take a query (`actor_selection`), else 400.
/// Each command and each wrong token is logged.
///
/// @param metrics writes the text for Prometheus.
/// @param limits the limits as JSON: their values, and how often each was met.
/// @param gate wants the token as `Authorization: Bearer <token>`, else 401;
///        after too many wrong ones, 429.
[[nodiscard]] http::handler make_admin_handler(
  query_actor asker, runtime::directory& actors, ended_clients& ended,
  std::function<std::string()> limits,
  std::function<std::string(std::vector<actor_snapshot>)> metrics,
  admin_gate gate);

} // namespace observer::gateway
