#pragma once

#include "actors/runtime/directory.hpp"
#include "net/gateway/query_actor.hpp"
#include "net/http/router.hpp"

#include <functional>
#include <string>

namespace observer::gateway {

/// The endpoints behind `observerctl`, for whoever has the token:
/// `/actors`, `/actors/{id}`, `/rooms`, `/sessions`, `/limits`.
///
/// @param limits the limits as JSON: their values, and how often each was met.
/// @param token must come as `Authorization: Bearer <token>`, else 401.
[[nodiscard]] http::handler
make_admin_handler(query_actor asker, const runtime::directory& actors,
                   std::function<std::string()> limits, std::string token);

} // namespace observer::gateway
