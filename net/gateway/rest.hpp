#pragma once

#include "messages/settings.hpp"
#include "net/gateway/client_script.hpp"
#include "net/gateway/query_actor.hpp"
#include "net/http/router.hpp"

#include <functional>

namespace observer::gateway {

/// The public endpoints (PROTOCOL.md, "REST"), one row each.
///
/// @param ready whether the server can serve clients now.
/// @param script the client's files, below `/socket.io/`; must stay
[[nodiscard]] http::router
make_rest_router(query_actor asker, const settings& limits,
                 std::function<bool()> ready, const client_script& script);

} // namespace observer::gateway
