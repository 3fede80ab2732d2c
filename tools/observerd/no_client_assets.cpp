#include "tools/observerd/client_assets.hpp"

namespace observer {

std::vector<gateway::static_asset> client_assets() {
  return {};
}

} // namespace observer
