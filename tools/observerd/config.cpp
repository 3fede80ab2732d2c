#include "tools/observerd/config.hpp"

#include "net/io/uring.hpp"
#include "tools/observerd/descriptors.hpp"
#include "tools/observerd/key_table.hpp"
#include "tools/observerd/limit_table.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <unistd.h>
#include <vector>

namespace observer {

namespace {

using std::chrono::milliseconds;

/// A misspelt variable would be silently without effect.
void check_environment(const CLI::App& app) {
  auto options = app.get_options();
  for (char** i = environ; *i != nullptr; ++i) {
    std::string_view line = *i;
    auto name = line.substr(0, line.find('='));
    if (name.starts_with(env_prefix)
        && std::none_of(options.begin(), options.end(), [&](auto* option) {
             return option->get_envname() == name;
           }))
      throw CLI::ValidationError{"environment variable " + std::string{name}
                                 + " names no key; see --help"};
  }
}

/// The arguments, and as flags behind them the variables of those keys that
/// they do not name. (CLI11 by itself reads the file before the environment,
/// and never the variable that names the file.)
std::vector<std::string> with_environment(const CLI::App& app, int argc,
                                          char** argv) {
  std::vector<std::string> result{argv + 1, argv + argc};
  auto is_given = [given = result](const std::string& flag) {
    return std::any_of(given.begin(), given.end(), [&](auto& argument) {
      return argument.substr(0, argument.find('=')) == flag;
    });
  };
  for (const auto* option : app.get_options()) {
    auto variable = option->get_envname();
    // NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread as yet
    const char* value = variable.empty() ? nullptr : ::getenv(variable.c_str());
    auto flag = option->get_name();
    if (value != nullptr && *value != '\0' && !is_given(flag))
      result.push_back(flag + "=" + value);
  }
  return result;
}

} // namespace

parse_outcome parse_config(int argc, char** argv) {
  using namespace std::chrono_literals;
  config out;
  std::string limits_switch = "on";
  std::string recovery_switch = "off";
  std::string compression_switch = "on";
  std::string client_switch = "on";
  std::string deflate_switch = "off";
  std::string io_choice = "auto";
  std::string parser = "any";
  milliseconds recovery_window = 120s;
  out.store = "sqlite";
  out.log_format = "text";
  out.log_level = "info";
  out.loops = std::max(1U, std::thread::hardware_concurrency());
  out.listen = parse_endpoint("127.0.0.1:3000");
  out.transport.max_descriptor = max_client_descriptor(descriptor_limit());
  out.transport.max_connections = out.transport.max_descriptor;

  CLI::App app{"observerd: an actor-model Socket.IO room server.\n"
               "Every key is a flag, an environment variable and a line of "
               "the file that --config names.\n",
               "observerd"};
  app.set_version_flag("--version", "observerd 0.1.0");
  app.set_config("--config", "", "Read keys from this file (TOML or INI)")
    ->envname("OBSERVER_CONFIG");
  app.allow_config_extras(CLI::config_extras_mode::error);
  bool check_only = false;
  app
    .add_flag("--check-config", check_only,
              "Check the configuration, say so, and exit")
    ->configurable(false);

  key_table keys{app};
  auto& limits = out.limits;
  auto& engine = out.transport.engine;
  keys.text("--listen", "ADDR:PORT", "127.0.0.1:3000",
            "Where clients connect; port 0 takes a free one",
            [&](const std::string& in) { out.listen = parse_endpoint(in); });
  keys.text("--data", "DIR", "./data",
            "Folder for what must survive a restart; made if missing",
            [&](const std::string& in) { out.data = in; });
  keys.choice("--store", out.store, {"sqlite", "memory"},
              "Where rooms are kept: sqlite (in --data, survives a restart) or "
              "memory");
  keys.text("--keep-age", "DURATION", "forever",
            "Delete messages, and rooms that have closed, after this time",
            [&](const std::string& in) {
              if (in == "forever")
                out.keep.age.reset();
              else
                out.keep.age = parse_duration(in);
            });
  keys.text("--keep-count", "NUMBER", "all",
            "Keep only this many messages of each room, the newest",
            [&](const std::string& in) {
              out.keep.count = in == "all" ? std::nullopt
                                           : std::optional{parse_count(in)};
            });
  keys.number<std::size_t>("--loops", out.loops, 1, 256,
                           "Event loops, one thread each");
  keys.duration("--busy-poll", out.busy_poll, 0ms, 1h,
                "How long a loop looks for work before its thread sleeps: CPU "
                "time for latency, where sleepers are woken late (virtual "
                "machines)");
  keys.text("--admin", "ADDR:PORT", "",
            "Serve observerctl here, on a loopback address only; off "
            "without it",
            [&](const std::string& in) {
              out.admin = parse_endpoint(in);
              if (!out.admin->address().is_loopback())
                throw CLI::ValidationError{"must be a loopback address, not "
                                           + in};
            });
  auto* origin_option
    = app.add_option("--allow-origin", out.allow_origins,
                     "Web pages of this origin may connect, besides those of "
                     "the server's own; also what an app or a device names, "
                     "such as capacitor://localhost, file://, null; "
                     "repeatable; * for all");
  origin_option->type_name("ORIGIN")->envname("OBSERVER_ALLOW_ORIGIN");
  origin_option->check([](const std::string& in) {
    return is_origin(in)
             ? std::string{}
             : "'" + in + "' is no origin such as " + "https://example.org";
  });
  auto* host_option
    = app.add_option("--allow-host", out.allow_hosts,
                     "A name of the server, besides localhost, for web pages "
                     "that come over loopback, as from a proxy on the same "
                     "machine; repeatable");
  host_option->type_name("HOST")->envname("OBSERVER_ALLOW_HOST");
  host_option->check([](const std::string& in) {
    return is_host(in) ? std::string{}
                       : "'" + in + "' is no host such as " + "chat.example";
  });
  keys.duration("--ping-interval", engine.ping_interval, 50ms, 1h,
                "Time between heartbeats");
  keys.duration("--grace", limits.grace, 0ms, 24h,
                "Time that a place is kept after a connection is lost");
  keys.choice(
    "--recovery", recovery_switch, {"on", "off"},
    "Connection state recovery of Socket.IO 4.6: a client that lost "
    "its connection gets its socket and what it missed back, also when "
    "the server ended meanwhile. Adds an "
    "argument to every event, which clients in Python and Dart do not "
    "expect");
  keys.duration("--recovery-window", recovery_window, 1ms, 24h,
                "Time in which a session can be recovered");
  app
    .add_flag("--allow-eio3", engine.allow_v3,
              "Let clients of Socket.IO 2 in (Engine.IO 3)")
    ->envname("OBSERVER_ALLOW_EIO3");
  keys.choice(
    "--parser", parser, {"any", "json", "msgpack"},
    "How clients may write Socket.IO packets: in json, in msgpack as npm's "
    "socket.io-msgpack-parser does, or each as it likes");
  keys.choice("--http-compression", compression_switch, {"on", "off"},
              "Gzip for polling answers over 1 KiB");
  keys.choice("--serve-client", client_switch, {"on", "off"},
              "Serve npm's socket.io-client below /socket.io/, as Node's "
              "socket.io does");
  keys.choice("--websocket-compression", deflate_switch, {"on", "off"},
              "permessage-deflate for WebSocket messages of 1 KiB or more");
  keys.choice("--io", io_choice, {"auto", "uring", "epoll"},
              "How connections are read and written: by io_uring where the "
              "kernel offers it and otherwise by epoll, or always by the one; "
              "uring does not start where there is none");
  keys.choice("--limits", limits_switch, {"on", "off"},
              "Rate limits and caps per address; off for benchmarks");
  auto limit = [&keys]<class T>(const std::string& key, T& field, auto least,
                                auto most, const std::string& help, auto) {
    if constexpr (std::is_same_v<T, milliseconds>)
      keys.duration("--" + key, field, least, most, help);
    else
      keys.number<T>("--" + key, field, static_cast<T>(least),
                     static_cast<T>(most), help);
  };
  for_each_limit(out, limit, limit);
  keys.choice("--log-format", out.log_format, {"text", "json"},
              "Form of the log lines on stderr: text, or one JSON object each");
  keys.choice("--log-level", out.log_level, {"debug", "info", "warn", "error"},
              "Least important lines that are logged");

  try {
    auto arguments = with_environment(app, argc, argv);
    std::reverse(arguments.begin(), arguments.end()); // as CLI11 wants them
    app.parse(std::move(arguments));
    check_environment(app);
    if (parser == "msgpack" && engine.allow_v3)
      throw CLI::ValidationError{"--parser",
                                 "must allow json with --allow-eio3"};
    if (io_choice == "uring")
      if (auto why = io::uring::refusal())
        throw CLI::ValidationError{"--io",
                                   "there is no io_uring: " + why.message()};
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0)
      return {std::nullopt, app.exit(error)}; // --help, --version
    std::string line = error.what();
    if (dynamic_cast<const CLI::FileError*>(&error) != nullptr)
      line = "--config: " + line;
    std::cerr << "observerd: " << line.substr(0, line.find('\n')) << '\n';
    return {std::nullopt, 2};
  }
  if (out.data.empty())
    out.data = "data";
  limits.rate_limits = limits_switch == "on";
  if (!limits.rate_limits) {
    engine.rates = engineio::flood_limits::unlimited();
    out.transport.unconnected_per_address
      = std::numeric_limits<std::size_t>::max();
    out.transport.unfinished_per_address
      = std::numeric_limits<std::size_t>::max();
    out.transport.address_share = 100;
  }
  out.socketio.parsers = {.json = parser != "msgpack",
                          .msgpack = parser != "json"};
  out.serve_client = client_switch == "on";
  if (compression_switch == "off")
    out.transport.compress_above.reset();
  if (deflate_switch == "on")
    out.transport.deflate_above = 1024;
  if (io_choice != "auto")
    out.transport.backend = io_choice == "uring" ? io::backend::uring
                                                 : io::backend::epoll;
  if (recovery_switch == "on")
    limits.recovery_window = recovery_window;
  limits.replay_bytes = out.transport.queue_bytes * 3 / 2;
  out.socketio.packets.attachment_bytes = engine.max_payload;
  out.transport.origins = http::origin_policy{out.allow_origins,
                                              out.allow_hosts};
  if (check_only) {
    std::cout << "observerd: the configuration is good\n";
    return {std::nullopt, 0};
  }
  return {std::move(out), 0};
}

} // namespace observer
