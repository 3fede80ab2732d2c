#pragma once

#include "net/gateway/client_script.hpp"

#include <vector>

namespace observer {

/// npm's socket.io-client, as it was built into the program by
/// `tools/client/embed.mjs`; empty if npm could not be reached then.
[[nodiscard]] std::vector<gateway::static_asset> client_assets();

} // namespace observer
