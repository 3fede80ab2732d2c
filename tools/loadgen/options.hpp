#pragma once

#include "tools/loadgen/clock.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace observer::loadgen {

enum class scenario_kind {
  fanout,  ///< rooms in which messages go to everyone
  echo,    ///< requests with an ack and no other effect
  connect, ///< connections that come, and enter a room
  idle,    ///< connections that do nothing
  churn,   ///< connections that come, say one thing, and go
  slow,    ///< fanout with members that stop reading
};

[[nodiscard]] constexpr std::string_view to_string_view(scenario_kind x) {
  switch (x) {
    case scenario_kind::fanout:
      return "fanout";
    case scenario_kind::echo:
      return "echo";
    case scenario_kind::connect:
      return "connect";
    case scenario_kind::idle:
      return "idle";
    case scenario_kind::churn:
      return "churn";
    case scenario_kind::slow:
      return "slow";
  }
  return "";
}

/// What one unit of work is.
[[nodiscard]] constexpr std::string_view unit_of(scenario_kind x) {
  switch (x) {
    case scenario_kind::fanout:
    case scenario_kind::slow:
      return "delivery";
    case scenario_kind::echo:
      return "echo";
    case scenario_kind::connect:
      return "connection";
    case scenario_kind::idle:
      return "connection-second";
    case scenario_kind::churn:
      return "visit";
  }
  return "";
}

/// What the command line says; the defaults of each scenario are in cli.cpp.
struct options {
  scenario_kind scenario = scenario_kind::fanout;
  std::string url = "http://127.0.0.1:3000";
  milliseconds duration{10'000};
  milliseconds warmup{2'000};
  milliseconds drain{10'000};  ///< for what is under way at the end
  milliseconds setup{120'000}; ///< for everybody to come in
  std::size_t threads = 1;
  bool busy_poll = false; ///< the threads never sleep
  std::vector<int> server_pids;
  std::string json_file;
  std::string plot_file;
  bool quiet = false;
  std::uint64_t seed = 1;

  std::size_t rooms = 0;
  std::size_t members = 0;     ///< of a room; 0 for no rooms
  std::size_t bytes = 0;       ///< of a message's text
  std::size_t in_flight = 0;   ///< per room, or per connection of echo
  std::size_t senders = 0;     ///< per room
  double rate = 0;             ///< messages a second in all; 0: closed loop
  bool acks = false;           ///< messages ask for an ack
  std::size_t stopped = 0;     ///< members of a room that stop reading
  std::size_t connections = 0; ///< in all
  std::size_t concurrency = 0; ///< connections that come at the same time
  std::string echo_event;
  std::string echo_argument; ///< JSON
};

} // namespace observer::loadgen
