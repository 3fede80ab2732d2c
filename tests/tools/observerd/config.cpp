#include "tools/observerd/config.hpp"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unistd.h>

#define CAF_SUITE tools.observerd.config
#include "tests/test.hpp"

using namespace observer;
using namespace std::chrono_literals;

namespace {

/// Keeps what is written to a standard stream.
class capture {
public:
  explicit capture(std::ostream& stream)
    : stream_(stream),
      before_(stream.rdbuf(kept_.rdbuf())) {
  }

  ~capture() {
    stream_.rdbuf(before_);
  }

  [[nodiscard]] std::string text() const {
    return kept_.str();
  }

private:
  std::ostringstream kept_;
  std::ostream& stream_;
  std::streambuf* before_;
};

struct fixture {
  std::vector<std::string> variables;
  std::filesystem::path file = std::filesystem::temp_directory_path()
                               / ("observerd." + std::to_string(::getpid()));
  parse_outcome outcome;
  std::string out; ///< what was written to stdout
  std::string err; ///< what was written to stderr

  ~fixture() {
    for (auto& name : variables)
      ::unsetenv(name.c_str());
    std::filesystem::remove(file);
  }

  void set_variable(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    variables.push_back(name);
  }

  /// Writes the configuration file; returns the flag that names it.
  std::string write_file(std::string_view text) {
    std::ofstream{file} << text;
    return "--config=" + file.string();
  }

  void run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "observerd");
    std::vector<char*> argv;
    for (auto& argument : arguments)
      argv.push_back(argument.data());
    capture captured_out{std::cout};
    capture captured_err{std::cerr};
    outcome = parse_config(static_cast<int>(argv.size()), argv.data());
    out = captured_out.text();
    err = captured_err.text();
  }

  /// What the arguments make, which must be good.
  const config& parse(std::vector<std::string> arguments) {
    run(std::move(arguments));
    CAF_CHECK_EQUAL(err, "");
    CAF_REQUIRE(outcome.parsed.has_value());
    return *outcome.parsed;
  }

  /// The one line that says what is wrong with the arguments.
  std::string complaint(std::vector<std::string> arguments) {
    run(std::move(arguments));
    CAF_CHECK(!outcome.parsed.has_value());
    CAF_CHECK_EQUAL(outcome.code, 2);
    CAF_CHECK_EQUAL(out, "");
    CAF_CHECK_EQUAL(std::count(err.begin(), err.end(), '\n'), 1);
    CAF_CHECK_EQUAL(err.substr(0, 11), "observerd: ");
    CAF_REQUIRE_GREATER(err.size(), 12u);
    return err.substr(11, err.size() - 12);
  }

  /// Whether somebody can see from the complaint about `argument` what it was
  /// that was wrong.
  void check_refused(const std::string& flag, const std::string& value) {
    auto line = complaint({flag + "=" + value});
    CAF_MESSAGE(line);
    CAF_CHECK(line.find(flag) != line.npos);
    CAF_CHECK(line.find(value) != line.npos);
  }
};

bool allows(const config& in, const char* origin) {
  http::request request;
  request.set(http::field::host, "localhost:3000");
  request.set(http::field::origin, origin);
  return in.transport.origins.allows(request);
}

std::string to_string(const boost::asio::ip::tcp::endpoint& x) {
  std::ostringstream out;
  out << x;
  return out.str();
}

} // namespace

CAF_TEST_FIXTURE_SCOPE(config_tests, fixture)

CAF_TEST(the defaults are those of the readme) {
  auto& in = parse({});
  CAF_CHECK_EQUAL(to_string(in.listen), "127.0.0.1:3000");
  CAF_CHECK(in.data == "data" || in.data == "./data");
  CAF_CHECK_EQUAL(in.store, "sqlite");
  CAF_CHECK(!in.keep.age);
  CAF_CHECK(!in.keep.count);
  CAF_CHECK_GREATER(in.loops, 0u);
  CAF_CHECK(in.busy_poll == 0ms);
  CAF_CHECK(!in.admin);
  CAF_CHECK(!allows(in, "https://example.org"));
  CAF_CHECK(in.allow_hosts.empty());
  CAF_CHECK(in.transport.idle_timeout == 75s);
  CAF_CHECK(in.transport.engine.ping_interval == 25s);
  CAF_CHECK(in.transport.engine.ping_timeout == 20s);
  CAF_CHECK(in.socketio.connect_timeout == 45s);
  CAF_CHECK(in.socketio.parsers.json);
  CAF_CHECK(in.socketio.parsers.msgpack);
  CAF_CHECK(in.limits.grace == 120s);
  CAF_CHECK_EQUAL(in.transport.engine.max_payload, 1'000'000u);
  CAF_CHECK_EQUAL(in.transport.queue_bytes, 1'048'576u);
  CAF_CHECK_EQUAL(in.limits.text_bytes, 16'384u);
  CAF_CHECK_EQUAL(in.limits.room_capacity, 10'000u);
  CAF_CHECK_EQUAL(in.limits.rooms_per_socket, 32u);
  CAF_CHECK(in.limits.rate_limits);
  CAF_CHECK_EQUAL(in.limits.messages.per_second, 20.);
  CAF_CHECK_EQUAL(in.limits.messages.burst, 60.);
  CAF_CHECK_EQUAL(in.limits.rooms.per_second, 5.);
  CAF_CHECK_EQUAL(in.limits.rooms.burst, 100.);
  CAF_CHECK_EQUAL(in.limits.room_bytes.per_second, 2e6);
  CAF_CHECK_EQUAL(in.limits.room_bytes.burst, 8e6);
  CAF_CHECK_EQUAL(in.limits.failed_entries.per_second, 1.);
  CAF_CHECK_EQUAL(in.limits.failed_entries.burst, 20.);
  auto& rates = in.transport.engine.rates;
  CAF_CHECK_EQUAL(rates.packets.per_second, 100.);
  CAF_CHECK_EQUAL(rates.packets.burst, 500.);
  CAF_CHECK(rates.patience == 5s);
  CAF_CHECK_EQUAL(rates.bytes.per_second, 1e6);
  CAF_CHECK_EQUAL(rates.bytes.burst, 4e6);
  CAF_CHECK_EQUAL(in.log_format, "text");
  CAF_CHECK_EQUAL(in.log_level, "info");
}

CAF_TEST(every key is a flag) {
  auto& in = parse(
    {"--listen=[::1]:81",  "--data=/var/x",        "--store=memory",
     "--loops=3",          "--admin=localhost:82", "--ping-interval=300ms",
     "--ping-timeout=2s",  "--connect-timeout=1m", "--grace=1h",
     "--max-payload=100",  "--max-queue=1024",     "--max-text=1",
     "--room-capacity=2",  "--rooms-per-socket=4", "--limits=off",
     "--message-rate=0.5", "--message-burst=6",    "--packet-rate=7",
     "--packet-burst=8",   "--room-rate=9",        "--room-burst=10",
     "--log-format=json",  "--log-level=debug",    "--keep-age=7d",
     "--keep-count=500",   "--parser=msgpack",     "--busy-poll=2ms"});
  CAF_CHECK_EQUAL(to_string(in.listen), "[::1]:81");
  CAF_CHECK_EQUAL(in.data, "/var/x");
  CAF_CHECK_EQUAL(in.store, "memory");
  CAF_CHECK(in.keep.age == std::chrono::days{7});
  CAF_CHECK(in.keep.count == 500u);
  CAF_CHECK_EQUAL(in.loops, 3u);
  CAF_CHECK(in.busy_poll == 2ms);
  CAF_REQUIRE(in.admin.has_value());
  CAF_CHECK_EQUAL(to_string(*in.admin), "127.0.0.1:82");
  CAF_CHECK(in.transport.engine.ping_interval == 300ms);
  CAF_CHECK(in.transport.engine.ping_timeout == 2s);
  CAF_CHECK(in.socketio.connect_timeout == 1min);
  CAF_CHECK(!in.socketio.parsers.json);
  CAF_CHECK(in.socketio.parsers.msgpack);
  CAF_CHECK(in.limits.grace == 1h);
  CAF_CHECK_EQUAL(in.transport.engine.max_payload, 100u);
  CAF_CHECK_EQUAL(in.transport.queue_bytes, 1024u);
  CAF_CHECK_EQUAL(in.limits.text_bytes, 1u);
  CAF_CHECK_EQUAL(in.limits.room_capacity, 2u);
  CAF_CHECK_EQUAL(in.limits.rooms_per_socket, 4u);
  CAF_CHECK(!in.limits.rate_limits);
  CAF_CHECK_EQUAL(in.limits.messages.per_second, 0.5);
  CAF_CHECK_EQUAL(in.limits.messages.burst, 6.);
  CAF_CHECK_EQUAL(in.limits.rooms.per_second, 9.);
  CAF_CHECK_EQUAL(in.limits.rooms.burst, 10.);
  CAF_CHECK_EQUAL(in.log_format, "json");
  CAF_CHECK_EQUAL(in.log_level, "debug");
}

CAF_TEST(what one connection may say is unlimited with the limits off) {
  auto& on = parse({"--packet-rate=7", "--packet-burst=8", "--byte-rate=9000",
                    "--byte-burst=10000", "--packet-patience=1s"})
               .transport.engine.rates;
  CAF_CHECK_EQUAL(on.packets.per_second, 7.);
  CAF_CHECK_EQUAL(on.packets.burst, 8.);
  CAF_CHECK_EQUAL(on.bytes.per_second, 9000.);
  CAF_CHECK_EQUAL(on.bytes.burst, 10'000.);
  CAF_CHECK(on.patience == 1s);
  auto& off = parse({"--packet-rate=7", "--limits=off"}).transport.engine.rates;
  CAF_CHECK(std::isinf(off.packets.per_second));
  CAF_CHECK(std::isinf(off.bytes.per_second));
}

CAF_TEST(attachments may be as large as a payload) {
  CAF_CHECK_EQUAL(
    parse({"--max-payload=5000"}).socketio.packets.attachment_bytes, 5000u);
}

CAF_TEST(every key is an environment variable) {
  set_variable("OBSERVER_PING_INTERVAL", "3s");
  set_variable("OBSERVER_MAX_PAYLOAD", "2000");
  set_variable("OBSERVER_LIMITS", "off");
  set_variable("OBSERVER_ALLOW_ORIGIN", "https://example.org");
  auto& in = parse({});
  CAF_CHECK(in.transport.engine.ping_interval == 3s);
  CAF_CHECK_EQUAL(in.transport.engine.max_payload, 2000u);
  CAF_CHECK(!in.limits.rate_limits);
  CAF_CHECK(allows(in, "https://example.org"));
}

CAF_TEST(every key is a line of the file) {
  auto& in = parse({write_file("# comment\n"
                               "ping-interval = \"3s\"\n"
                               "listen = \"0.0.0.0:8080\"\n"
                               "max-payload = 2000\n"
                               "message-rate = 0.5\n"
                               "limits = \"off\"\n"
                               "allow-origin = [\"https://a.example\", "
                               "\"https://b.example\"]\n")});
  CAF_CHECK(in.transport.engine.ping_interval == 3s);
  CAF_CHECK_EQUAL(to_string(in.listen), "0.0.0.0:8080");
  CAF_CHECK_EQUAL(in.transport.engine.max_payload, 2000u);
  CAF_CHECK_EQUAL(in.limits.messages.per_second, 0.5);
  CAF_CHECK(!in.limits.rate_limits);
  CAF_CHECK(allows(in, "https://a.example"));
  CAF_CHECK(allows(in, "https://b.example"));
}

CAF_TEST(a flag wins over the environment and that over the file) {
  auto file_flag = write_file("grace = \"1s\"\nmax-text = 1\nloops = 1\n");
  set_variable("OBSERVER_MAX_TEXT", "2");
  set_variable("OBSERVER_LOOPS", "2");
  auto& in = parse({file_flag, "--loops=3"});
  CAF_CHECK(in.limits.grace == 1s);
  CAF_CHECK_EQUAL(in.limits.text_bytes, 2u);
  CAF_CHECK_EQUAL(in.loops, 3u);
}

CAF_TEST(the environment may name the file) {
  write_file("loops = 7\n");
  set_variable("OBSERVER_CONFIG", file.string());
  CAF_CHECK_EQUAL(parse({}).loops, 7u);
}

CAF_TEST(origins add up) {
  auto& in = parse({"--allow-origin=https://a.example",
                    "--allow-origin=http://localhost:8080"});
  CAF_CHECK(allows(in, "https://a.example"));
  CAF_CHECK(allows(in, "http://localhost:8080"));
  CAF_CHECK(!allows(in, "https://b.example"));
  CAF_CHECK(allows(parse({"--allow-origin=*"}), "https://b.example"));
}

CAF_TEST(hosts add up) {
  http::request request;
  request.set(http::field::origin, "http://chat.example");
  request.set(http::field::host, "chat.example");
  auto trusts = [&](const config& in) {
    return in.transport.origins.trusts_host(request, http::host_rule::pages);
  };
  CAF_CHECK(!trusts(parse({})));
  CAF_CHECK(
    trusts(parse({"--allow-host=Chat.Example", "--allow-host=intranet"})));
  set_variable("OBSERVER_ALLOW_HOST", "chat.example");
  CAF_CHECK(trusts(parse({})));
}

CAF_TEST(values out of range or of another shape are refused by name) {
  check_refused("--loops", "0");
  check_refused("--loops", "257");
  check_refused("--loops", "-1");
  check_refused("--loops", "two");
  check_refused("--busy-poll", "61m");
  check_refused("--busy-poll", "2");
  check_refused("--max-payload", "99");
  check_refused("--max-payload", "100000001");
  check_refused("--max-payload", "1e6");
  check_refused("--max-queue", "1023");
  check_refused("--max-text", "0");
  check_refused("--room-capacity", "0");
  check_refused("--rooms-per-socket", "10001");
  check_refused("--message-rate", "0");
  check_refused("--message-burst", "nan");
  check_refused("--ping-interval", "49ms");
  check_refused("--ping-interval", "61m");
  check_refused("--ping-interval", "25");
  check_refused("--ping-timeout", "5 s");
  check_refused("--grace", "25h");
  check_refused("--grace", "-1s");
  check_refused("--connect-timeout", "s");
  check_refused("--listen", "3000");
  check_refused("--listen", "localhost");
  check_refused("--listen", "example.org:3000");
  check_refused("--listen", "127.0.0.1:65536");
  check_refused("--listen", "127.0.0.1:");
  check_refused("--admin", "0.0.0.0:3001");
  check_refused("--store", "redis");
  check_refused("--keep-age", "old");
  check_refused("--keep-age", "-1d");
  check_refused("--keep-count", "0");
  check_refused("--keep-count", "many");
  check_refused("--parser", "xml");
  check_refused("--limits", "maybe");
  check_refused("--log-format", "xml");
  check_refused("--log-level", "loud");
  check_refused("--allow-origin", "example.org");
  check_refused("--allow-origin", "https://example.org/");
  check_refused("--allow-origin", "ftp://example.org");
  check_refused("--allow-host", "chat.example:3000");
  check_refused("--max-head", "32001");
}

CAF_TEST(clients of socket io 2 speak json only) {
  CAF_CHECK(parse({"--allow-eio3"}).transport.engine.allow_v3);
  auto line = complaint({"--allow-eio3", "--parser=msgpack"});
  CAF_CHECK(line.find("--parser: must allow json") != line.npos);
}

CAF_TEST(a value in the environment or the file is refused as well) {
  set_variable("OBSERVER_LOOPS", "none");
  auto line = complaint({});
  CAF_CHECK(line.find("none") != line.npos);
  ::unsetenv("OBSERVER_LOOPS");
  line = complaint({write_file("grace = \"1 day\"\n")});
  CAF_CHECK(line.find("--grace") != line.npos);
}

CAF_TEST(keys that do not exist are refused by name) {
  auto names = [](const std::string& line, const char* key) {
    return line.find(key) != line.npos;
  };
  CAF_CHECK(names(complaint({"--ping-intervall=25s"}), "--ping-intervall"));
  CAF_CHECK(names(complaint({"serve"}), "serve"));
  CAF_CHECK(names(complaint({write_file("ping_interval = \"25s\"\n")}),
                  "ping_interval"));
  CAF_CHECK(
    names(complaint({write_file("[limits]\ngrace = \"1s\"\n")}), "limits"));
  set_variable("OBSERVER_PING_INTERVALL", "25s");
  CAF_CHECK(names(complaint({}), "OBSERVER_PING_INTERVALL"));
}

CAF_TEST(a flag without its value is refused by name) {
  CAF_CHECK(complaint({"--grace"}).find("--grace") != std::string::npos);
}

CAF_TEST(a file that cannot be read is refused by name) {
  auto line = complaint({"--config=/no/such.toml"});
  CAF_CHECK(line.find("/no/such.toml") != line.npos);
  CAF_CHECK(line.find("--config") != line.npos);
}

CAF_TEST(checking the configuration says so and goes no further) {
  run({"--check-config", "--loops=2"});
  CAF_CHECK(!outcome.parsed);
  CAF_CHECK_EQUAL(outcome.code, 0);
  CAF_CHECK_EQUAL(out, "observerd: the configuration is good\n");
  complaint({"--check-config", "--loops=0"});
}

CAF_TEST(help names every key) {
  run({"--help"});
  CAF_CHECK_EQUAL(outcome.code, 0);
  for (std::string key : {"listen",        "data",
                          "store",         "loops",
                          "admin",         "allow-origin",
                          "allow-host",    "ping-interval",
                          "ping-timeout",  "connect-timeout",
                          "grace",         "max-payload",
                          "max-queue",     "max-text",
                          "room-capacity", "rooms-per-socket",
                          "limits",        "message-rate",
                          "message-burst", "packet-rate",
                          "packet-burst",  "room-rate",
                          "room-burst",    "log-format",
                          "log-level",     "check-config",
                          "config",        "parser",
                          "busy-poll"})
    CAF_CHECK(out.find("--" + key) != out.npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
