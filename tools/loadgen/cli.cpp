#include "tools/loadgen/cli.hpp"

#include "tools/loadgen/stamp.hpp"

#include <boost/json/parse.hpp>

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>
#include <memory>

namespace observer::loadgen {

namespace {

constexpr std::size_t many = 1'000'000;

constexpr const char* description
  = "loadgen: puts load on a room server, measures it, and checks every "
    "message.\n\n"
    "It speaks the application protocol (PROTOCOL.md) on WebSockets, with "
    "Engine.IO 4,\nas many clients at once. Every message carries its room, "
    "sender, number and time:\nwhat is lost, doubled, out of order, or of a "
    "room one is not in, is counted.\n";

constexpr const char* closing
  = "Every scenario has options of its own: loadgen fanout --help.\n\n"
    "Exit code: 0 if all was right; 1 if a message was lost, doubled, out of\n"
    "order, leaked or malformed, or a connection or request failed; 2 if the\n"
    "command line is wrong. Ctrl-C ends early, with the figures so far.\n\n"
    "Examples:\n"
    "  loadgen fanout --rooms 20 --members 50 --in-flight 4 --server-pid "
    "$(pidof observerd)\n"
    "  loadgen fanout --rooms 20 --members 50 --rate 2000 --plot "
    "latency.svg\n"
    "  loadgen idle --connections 10000 --duration 60s --json idle.json\n"
    "\n"
    "Servers limit the rate of clients; start observerd with --limits off.";

/// `300ms`, `25s`, `2m`, `1h`.
std::optional<milliseconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  auto [stop, bad] = std::from_chars(text.data(), end, number);
  if (bad != std::errc{} || number < 0 || number > 1'000'000'000)
    return {};
  std::string_view unit{stop, end};
  if (unit == "ms")
    return milliseconds{number};
  if (unit == "s")
    return std::chrono::seconds{number};
  if (unit == "m")
    return std::chrono::minutes{number};
  if (unit == "h")
    return std::chrono::hours{number};
  return {};
}

/// Options with the shapes that all scenarios use. The subcommands share the
/// fields of one object, so a scenario's defaults are set when it is chosen.
class option_table {
public:
  explicit option_table(CLI::App& app) : app_(app) {
    app_.final_callback([all = on_chosen_] {
      for (auto& x : *all)
        x();
    });
  }

  /// To be done when the scenario is chosen.
  void when_chosen(std::function<void()> what) {
    on_chosen_->push_back(std::move(what));
  }

  void count(const char* name, std::size_t& target, std::size_t initial,
             std::size_t min, const char* help) {
    set(name, target, initial, help)
      ->type_name("N")
      ->check(CLI::Range(min, many).description(""));
  }

  void duration(const char* name, milliseconds& target, const char* help) {
    app_
      .add_option_function<std::string>(
        name,
        [&target, name](const std::string& in) {
          auto value = parse_duration(in);
          if (!value)
            throw CLI::ValidationError{
              name, "'" + in + "' is no duration such as 300ms, 25s, 2m, 1h"};
          target = *value;
        },
        help)
      ->type_name("DURATION")
      ->default_str(std::to_string(target.count() / 1000) + "s");
  }

  void flag(const char* name, bool& target, const char* help) {
    app_.add_flag(name, target, help);
  }

  template <class T>
  CLI::Option* set(const char* name, T& target, T initial, const char* help) {
    auto value = std::make_shared<T>(initial);
    when_chosen([value, &target] { target = *value; });
    return app_.add_option(name, *value, help)->capture_default_str();
  }

private:
  CLI::App& app_;
  std::shared_ptr<std::vector<std::function<void()>>> on_chosen_
    = std::make_shared<std::vector<std::function<void()>>>();
};

/// A subcommand, with the options of it still to come.
option_table add_scenario(CLI::App& app, options& out, scenario_kind kind,
                          const char* help) {
  auto* on = app.add_subcommand(std::string{to_string_view(kind)}, help);
  on->footer("For the options of all scenarios see loadgen --help.");
  option_table result{*on};
  result.when_chosen([&out, kind] { out.scenario = kind; });
  return result;
}

constexpr const char* bytes_help = "Bytes of a message's text";
constexpr const char* senders_help
  = "Members of each room that send, in turn; 0: as many as are in flight, "
    "or 1 with --rate";
constexpr const char* in_flight_help
  = "Closed loop: messages under way in each room";
constexpr const char* rate_help
  = "Open loop: messages a second in all, timed from when they should have "
    "been sent; overrides --in-flight";

void add_fanout(CLI::App& app, options& out) {
  auto table = add_scenario(
    app, out, scenario_kind::fanout,
    "Rooms in which messages go to everyone. A unit is a delivery");
  table.count("--rooms", out.rooms, 10, 1, "Rooms");
  table.count("--members", out.members, 20, 1, "Members of each room");
  table.count("--bytes", out.bytes, 64, stamp_size, bytes_help);
  table.count("--in-flight", out.in_flight, 1, 1, in_flight_help);
  table.set("--rate", out.rate, 0.0, rate_help)
    ->type_name("N")
    ->check(CLI::Range(0.0, 1e8).description(""));
  table.count("--senders", out.senders, 0, 0, senders_help);
  table.count("--concurrency", out.concurrency, 64, 1,
              "Connections that come in at the same time");
  table.flag("--acks", out.acks,
             "Messages ask for an ack; the next waits for it, too");
}

void add_slow(CLI::App& app, options& out) {
  auto table = add_scenario(app, out, scenario_kind::slow,
                            "Fanout in which some members stop reading. A unit "
                            "is a delivery to the others");
  table.count("--rooms", out.rooms, 1, 1, "Rooms");
  table.count("--readers", out.members, 20, 1,
              "Members of each room besides the sender");
  table.count("--stopped", out.stopped, 4, 0, "Those of them that stop");
  table.count("--bytes", out.bytes, 1024, stamp_size, bytes_help);
  table.count("--in-flight", out.in_flight, 1, 1, in_flight_help);
  table.set("--rate", out.rate, 1000.0, rate_help)
    ->type_name("N")
    ->check(CLI::Range(0.0, 1e8).description(""));
  table.count("--concurrency", out.concurrency, 64, 1,
              "Connections that come in at the same time");
}

void add_echo(CLI::App& app, options& out) {
  auto table = add_scenario(
    app, out, scenario_kind::echo,
    "Requests whose ack is all that comes of them. A unit is a request. By "
    "default an `activity` of somebody who is alone in a room: the cheapest "
    "request of PROTOCOL.md, which is neither stored nor told to anybody");
  table.count("--connections", out.connections, 100, 1, "Connections");
  table.count("--in-flight", out.in_flight, 1, 1,
              "Requests under way on each connection");
  table.count("--concurrency", out.concurrency, 64, 1,
              "Connections that come in at the same time");
  table.count("--members", out.members, 1, 0,
              "Members of each room; 0: nobody enters a room");
  table.set("--echo-event", out.echo_event, std::string{"activity"},
            "The event to send");
  table
    .set("--echo-args", out.echo_argument, std::string{R"({"kind":"echo"})"},
         "Its argument, JSON")
    ->check([](const std::string& text) {
      boost::system::error_code error;
      (void) boost::json::parse(text, error);
      return error ? "'" + text + "' is no JSON" : std::string{};
    });
}

void add_connect(CLI::App& app, options& out) {
  auto table
    = add_scenario(app, out, scenario_kind::connect,
                   "Connections that come and enter a room. A unit is a "
                   "connection, up to the ack of the room");
  table.count("--connections", out.connections, 1000, 1, "Connections");
  table.count("--concurrency", out.concurrency, 16, 1,
              "Connections that come in at the same time");
  table.count("--members", out.members, 10, 0,
              "Members of each room; 0: nobody enters a room");
}

void add_idle(CLI::App& app, options& out) {
  auto table = add_scenario(app, out, scenario_kind::idle,
                            "Connections that do nothing but answer pings. A "
                            "unit is a connection for a second");
  table.count("--connections", out.connections, 1000, 1, "Connections");
  table.count("--concurrency", out.concurrency, 64, 1,
              "Connections that come in at the same time");
  table.count("--members", out.members, 0, 0,
              "Members of each room; 0: nobody enters a room");
}

void add_churn(CLI::App& app, options& out) {
  auto table = add_scenario(
    app, out, scenario_kind::churn,
    "Visitors that connect, join, send one message, leave, and come again. A "
    "unit is a visit");
  table.count("--connections", out.connections, 100, 1,
              "Visitors at the same time");
  table.count("--members", out.members, 10, 1, "Visitors of each room");
  table.count("--bytes", out.bytes, 64, stamp_size, bytes_help);
  table.count("--concurrency", out.concurrency, 64, 1,
              "Hosts that come in at the same time, before it begins");
}

void add_common(CLI::App& app, options& out) {
  option_table table{app};
  app.add_option("--url", out.url, "The server")
    ->type_name("URL")
    ->capture_default_str();
  table.duration("--duration", out.duration,
                 "How long to measure; `connect` ends by itself");
  table.duration("--warmup", out.warmup,
                 "Load before that, which does not count");
  table.duration("--drain", out.drain,
                 "How long to wait at the end for what is under way");
  table.duration("--setup", out.setup,
                 "How long everybody may take to come in");
  app.add_option("--threads", out.threads, "Threads")
    ->capture_default_str()
    ->type_name("N")
    ->check(CLI::Range(1, 256).description(""));
  app.add_flag("--busy-poll", out.busy_poll,
               "The threads never sleep, so latencies do not hold the time "
               "that it takes to wake them");
  app
    .add_option("--server-pid", out.server_pids,
                "The server's process, to measure what it uses; several are "
                "taken together")
    ->type_name("PID")
    ->delimiter(',');
  app.add_option("--json", out.json_file, "File for all figures")
    ->type_name("FILE");
  app
    .add_option("--plot", out.plot_file,
                "File (SVG) for rate and latency over time")
    ->type_name("FILE");
  app.add_option("--seed", out.seed, "For all that is random")
    ->type_name("N")
    ->capture_default_str();
  app.add_flag("--quiet", out.quiet, "No progress on stderr");
}

/// What is wrong with options that are each right.
void complete(options& x) {
  if (x.scenario == scenario_kind::slow) {
    ++x.members; // the sender
    x.senders = 1;
    if (x.stopped >= x.members - 1)
      throw CLI::ValidationError{"--stopped", "must leave a reader"};
  }
  if (x.scenario == scenario_kind::fanout && x.senders == 0)
    x.senders = x.rate > 0 ? 1 : std::min(x.members, x.in_flight);
  if (x.scenario == scenario_kind::fanout && x.senders > x.members)
    throw CLI::ValidationError{"--senders", "must be members of the room"};
  if (x.rooms > many / std::max<std::size_t>(1, x.members))
    throw CLI::ValidationError{"--rooms", "too many members in all"};
}

} // namespace

command_line parse_command_line(int argc, const char* const* argv) {
  options out;
  CLI::App app{description, "loadgen"};
  app.footer(closing);
  app.fallthrough();
  app.require_subcommand(1);
  add_common(app, out);
  add_fanout(app, out);
  add_echo(app, out);
  add_connect(app, out);
  add_idle(app, out);
  add_churn(app, out);
  add_slow(app, out);
  try {
    app.parse(argc, argv);
    complete(out);
    return {out, 0};
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0)
      return {{}, app.exit(error)};
    std::cerr << "loadgen: " << error.what() << '\n';
    return {{}, 2};
  }
}

} // namespace observer::loadgen
