#pragma once

#include "actors/store/backend/store.hpp"
#include "messages/settings.hpp"
#include "net/socketio/session.hpp"
#include "net/transport/options.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace observer {

/// Everything that observerd can be set to: flags, `OBSERVER_*` environment
/// variables and a file, in this order of precedence.
struct config {
  boost::asio::ip::tcp::endpoint listen;
  std::filesystem::path data;
  std::string store;
  retention keep;
  std::size_t loops = 0;
  std::chrono::milliseconds busy_poll{0}; ///< 0: a loop sleeps at once
  bool serve_client = true; ///< the files of npm's socket.io-client
  std::optional<boost::asio::ip::tcp::endpoint> admin;
  std::vector<std::string> allow_origins; ///< besides the server's own
  std::vector<std::string> allow_hosts;   ///< besides localhost and addresses
  std::string log_format;
  std::string log_level;

  /// How long a commit of the store may take before clients are sent away.
  std::chrono::milliseconds max_commit_time = std::chrono::seconds{2};

  settings limits;
  socketio::session_options socketio;
  transport::options transport;
};

/// What `parse` came to.
struct parse_outcome {
  std::optional<config> parsed; ///< empty: exit with `code`
  int code = 0;
};

/// Reads and checks the configuration. Prints help, or the one line that says
/// what is wrong, by itself.
[[nodiscard]] parse_outcome parse_config(int argc, char** argv);

} // namespace observer
