#include "tools/observerd/config.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

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

using boost::asio::ip::tcp;
using std::chrono::milliseconds;

constexpr std::string_view env_prefix = "OBSERVER_";

/// `127.0.0.1:3000`, `[::1]:3000`, `localhost:3000`.
tcp::endpoint parse_endpoint(const std::string& text) {
  auto colon = text.rfind(':');
  auto fail = [&]() -> CLI::ValidationError {
    return CLI::ValidationError{"'" + text + "' is not ADDRESS:PORT"};
  };
  if (colon == std::string::npos)
    throw fail();
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (host == "localhost")
    host = "127.0.0.1";
  boost::system::error_code error;
  auto address = boost::asio::ip::make_address(host, error);
  std::uint16_t port = 0;
  const auto* begin = text.data() + colon + 1;
  const auto* end = text.data() + text.size();
  auto [stop, bad] = std::from_chars(begin, end, port);
  if (error || bad != std::errc{} || stop != end)
    throw fail();
  return {address, port};
}

/// `https://example.org`, `http://localhost:8080`, or `*`.
bool is_origin(const std::string& text) {
  if (text == "*")
    return true;
  auto url = boost::urls::parse_uri(text);
  return url && (url->scheme() == "http" || url->scheme() == "https")
         && !url->host().empty() && url->path().empty() && !url->has_query()
         && !url->has_fragment() && !url->has_userinfo();
}

/// `25s`, `300ms`, `2m`, `1h`, `7d`.
milliseconds parse_duration(const std::string& text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  auto [stop, bad] = std::from_chars(text.data(), end, number);
  std::string_view unit{stop, end};
  if (bad == std::errc{} && number >= 0 && number <= 1'000'000'000) {
    if (unit == "ms")
      return milliseconds{number};
    if (unit == "s")
      return std::chrono::seconds{number};
    if (unit == "m")
      return std::chrono::minutes{number};
    if (unit == "h")
      return std::chrono::hours{number};
    if (unit == "d")
      return std::chrono::days{number};
  }
  throw CLI::ValidationError{
    "'" + text + "' is no duration such as 300ms, 25s, 2m, 1h, 7d"};
}

std::uint64_t parse_count(const std::string& text) {
  std::uint64_t result = 0;
  const auto* end = text.data() + text.size();
  auto [stop, bad] = std::from_chars(text.data(), end, result);
  if (bad != std::errc{} || stop != end || result == 0)
    throw CLI::ValidationError{"'" + text + "' is no number above 0"};
  return result;
}

std::string to_text(milliseconds x) {
  return x.count() % 1000 == 0 ? std::to_string(x.count() / 1000) + "s"
                               : std::to_string(x.count()) + "ms";
}

std::string env_name(std::string_view flag) {
  std::string result{env_prefix};
  for (char c : flag.substr(2))
    result += c == '-' ? '_' : static_cast<char>(std::toupper(c));
  return result;
}

/// Declares the keys; each is a flag, an environment variable and a line of the
/// file.
class key_table {
public:
  explicit key_table(CLI::App& app) : app_(app) {
  }

  /// A key whose text `read` turns into a value, or throws.
  template <class Read>
  CLI::Option* text(const std::string& flag, const std::string& shape,
                    const std::string& initial, const std::string& help,
                    Read read) {
    auto named_read = [flag, read](const std::string& in) {
      try {
        read(in);
      } catch (const CLI::ValidationError& error) {
        throw CLI::ValidationError{flag, error.what()};
      }
    };
    auto* option = app_.add_option_function<std::string>(flag, named_read,
                                                         help);
    return finish(option, flag, shape, initial);
  }

  void duration(const std::string& flag, milliseconds& target, milliseconds min,
                milliseconds max, const std::string& help) {
    text(flag, "DURATION", to_text(target), help,
         [&target, min, max](const std::string& in) {
           auto value = parse_duration(in);
           if (value < min || value > max)
             throw CLI::ValidationError{"must be " + to_text(min) + " to "
                                        + to_text(max) + ", not " + in};
           target = value;
         });
  }

  template <class T>
  void number(const std::string& flag, T& target, T min, T max,
              const std::string& help) {
    auto* option = app_.add_option(flag, target, help);
    option->check([min, max](const std::string& in) {
      T value{};
      const auto* end = in.data() + in.size();
      auto [stop, bad] = std::from_chars(in.data(), end, value);
      // Not the other way round: nothing is less or more than NaN.
      if (bad == std::errc{} && stop == end && value >= min && value <= max)
        return std::string{};
      return "must be " + fmt_number(min) + " to " + fmt_number(max) + ", not "
             + in;
    });
    finish(option, flag, "NUMBER", fmt_number(target));
  }

  void choice(const std::string& flag, std::string& target,
              const std::vector<std::string>& values, const std::string& help) {
    auto* option = app_.add_option(flag, target, help);
    option->check(CLI::IsMember(values));
    finish(option, flag, "", target);
  }

private:
  template <class T>
  static std::string fmt_number(T value) {
    std::ostringstream out;
    out << value;
    return out.str();
  }

  CLI::Option* finish(CLI::Option* option, const std::string& flag,
                      const std::string& shape, const std::string& initial) {
    option->envname(env_name(flag));
    if (!shape.empty())
      option->type_name(shape);
    if (!initial.empty())
      option->default_str(initial);
    return option;
  }

  CLI::App& app_;
};

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
  std::vector<std::string> origins;
  std::string limits_switch = "on";
  std::string recovery_switch = "off";
  std::string compression_switch = "on";
  std::string deflate_switch = "off";
  std::string io_choice = "auto";
  std::string parser = "json";
  milliseconds recovery_window = 120s;
  out.store = "sqlite";
  out.log_format = "text";
  out.log_level = "info";
  out.loops = std::max(1U, std::thread::hardware_concurrency());
  out.listen = parse_endpoint("127.0.0.1:3000");

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
    = app.add_option("--allow-origin", origins,
                     "Web pages of this origin may connect, besides those of "
                     "the server's own; repeatable; * for all");
  origin_option->type_name("ORIGIN")->envname("OBSERVER_ALLOW_ORIGIN");
  origin_option->check([](const std::string& in) {
    return is_origin(in)
             ? std::string{}
             : "'" + in + "' is no origin such as " + "https://example.org";
  });
  keys.duration("--ping-interval", engine.ping_interval, 50ms, 1h,
                "Time between heartbeats");
  keys.duration("--ping-timeout", engine.ping_timeout, 50ms, 1h,
                "Time to answer a heartbeat");
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
  keys.number<std::size_t>("--max-payload", engine.max_payload, 100,
                           100'000'000,
                           "Bytes of one polling request or WebSocket message");
  keys.choice(
    "--parser", parser, {"json", "msgpack"},
    "How clients write Socket.IO packets: json, or msgpack as npm's "
    "socket.io-msgpack-parser; all of them, so not with --allow-eio3");
  keys.choice("--http-compression", compression_switch, {"on", "off"},
              "Gzip for polling answers over 1 KiB");
  keys.choice("--websocket-compression", deflate_switch, {"on", "off"},
              "permessage-deflate for WebSocket messages of 1 KiB or more");
  keys.choice("--io", io_choice, {"auto", "epoll"},
              "How WebSockets are read and written: by io_uring where the "
              "kernel offers it, or always by epoll");
  keys.number<std::size_t>("--max-fragments", out.transport.fragments, 1,
                           1'000'000, "Frames of one WebSocket message");
  keys.choice("--limits", limits_switch, {"on", "off"},
              "Rate limits and caps per address; off for benchmarks");
  keys.number<std::size_t>("--max-queue", out.transport.queue_bytes, 1024,
                           std::size_t{1} << 30,
                           "Bytes queued for one client before it is cut off");
  keys.number<std::uint32_t>("--room-capacity", limits.room_capacity, 1,
                             1'000'000, "Participants in one room");
  keys.number<std::uint32_t>("--rooms-per-socket", limits.rooms_per_socket, 1,
                             10'000, "Rooms that one socket may be in");
  keys.number<std::uint32_t>("--max-text", limits.text_bytes, 1, 10'000'000,
                             "Bytes of one message text");
  keys.number("--message-rate", limits.messages_per_second, 0.01, 1e6,
              "Messages a second of one socket");
  keys.number("--message-burst", limits.message_burst, 1.0, 1e6,
              "Messages of one socket at once after a pause");
  keys.number("--packet-rate", limits.packets_per_second, 0.01, 1e6,
              "Packets a second of one connection; over it for 5 s, it is "
              "closed");
  keys.number("--packet-burst", limits.packet_burst, 1.0, 1e6,
              "Packets of one connection at once after a pause");
  keys.number("--room-rate", limits.rooms_per_second, 0.01, 1e6,
              "Rooms made a second from one address");
  keys.number("--room-burst", limits.room_burst, 1.0, 1e6,
              "Rooms made at once from one address after a pause");
  keys.duration("--connect-timeout", out.socketio.connect_timeout, 50ms, 1h,
                "Time to enter a namespace after the handshake");
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
      throw CLI::ValidationError{"--parser", "must be json with --allow-eio3"};
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
  if (parser == "msgpack")
    out.socketio.parser = socketio::parser::msgpack;
  if (compression_switch == "off")
    out.transport.compress_above.reset();
  if (deflate_switch == "on")
    out.transport.deflate_above = 1024;
  out.transport.use_io_uring = io_choice == "auto";
  if (recovery_switch == "on")
    limits.recovery_window = recovery_window;
  limits.replay_bytes = out.transport.queue_bytes * 3 / 2;
  out.transport.origins = http::origin_policy{std::move(origins)};
  out.socketio.packets.attachment_bytes = engine.max_payload;
  if (check_only) {
    std::cout << "observerd: the configuration is good\n";
    return {std::nullopt, 0};
  }
  return {std::move(out), 0};
}

} // namespace observer
