#include "tools/observerctl/admin_client.hpp"
#include "tools/observerctl/graph.hpp"
#include "tools/observerctl/printable.hpp"
#include "tools/observerctl/show.hpp"
#include "tools/observerctl/store_commands.hpp"
#include "tools/observerctl/top.hpp"
#include "tools/observerctl/top_model.hpp"

#include <boost/url/url.hpp>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>
#include <stdexcept>
#include <thread>

namespace {

namespace json = boost::json;
using namespace observer::show;

std::string read_token(const std::string& file) {
  std::ifstream in{file};
  std::string token;
  if (!std::getline(in, token))
    throw std::runtime_error{"cannot read the token file " + file};
  return token;
}

const std::vector<column> actor_columns{
  {"ID", "id"},           {"KIND", "kind"},       {"NAME", "name"},
  {"LOOP", "loop"},       {"MAILBOX", "mailbox"}, {"HANDLED", "handled"},
  {"BUSY_US", "busy_us"}, {"STATE", "state"}};

const std::vector<column> room_columns{{"ACTOR", "id"},
                                       {"ROOM", "snapshot.room.room_id"},
                                       {"NAME", "snapshot.room.name"},
                                       {"HOST", "snapshot.room.host.name"},
                                       {"ONLINE", "snapshot.sessions"},
                                       {"MESSAGES", "snapshot.messages"},
                                       {"WAITING", "snapshot.waiting"},
                                       {"MAILBOX", "mailbox"},
                                       {"LOCKED", "snapshot.room.locked"}};

const std::vector<column> session_columns{{"ACTOR", "id"},
                                          {"SOCKET", "snapshot.socket_id"},
                                          {"ADDRESS", "snapshot.address"},
                                          {"TRANSPORT", "snapshot.transport"},
                                          {"ROOMS", "snapshot.rooms"},
                                          {"REQUESTS", "snapshot.requests"},
                                          {"REFUSED", "snapshot.refused"},
                                          {"CONNECTED",
                                           "snapshot.connected_at"}};

const std::vector<column> alarm_columns{
  {"ALARM", "alarm"},     {"FOR_MS", "for_ms"}, {"ACTOR", "actor"},
  {"KIND", "kind"},       {"NAME", "name"},     {"LOOP", "loop"},
  {"MESSAGE", "message"}, {"SENDER", "sender"}, {"WAITING", "waiting"},
  {"CLIENT", "address"},  {"BYTES", "bytes"}};

const std::vector<column> ended_columns{{"ENDED", "ended_at"},
                                        {"SOCKET", "socket_id"},
                                        {"REASON", "reason"},
                                        {"WHY", "why"}};

const std::vector<column> limit_columns{
  {"LIMIT", "limit"}, {"VALUE", "value"}, {"MET", "met"}};

/// What `top` shows, once, for programs: the busiest first.
template <class Fetch>
json::value measure_once(const Fetch& fetch, std::chrono::milliseconds pause) {
  observer::top_model model;
  model.update(fetch("/actors"), std::chrono::steady_clock::now());
  std::this_thread::sleep_for(pause);
  model.update(fetch("/actors"), std::chrono::steady_clock::now());
  return observer::to_json(model.rows(observer::top_model::order::cpu, {}));
}

/// Which actors a list shows: see `gateway::actor_selection`.
struct selection {
  std::string kind;
  std::string name;
  std::string sort;
  std::uint64_t limit = 0; ///< 0: all

  /// What stands behind the path.
  [[nodiscard]] std::string query() const {
    boost::urls::url out;
    auto add = [&](std::string_view key, const std::string& value) {
      if (!value.empty())
        out.params().append({key, value});
    };
    add("kind", kind);
    add("name", name);
    add("sort", sort);
    add("limit", limit == 0 ? "" : std::to_string(limit));
    return std::string{out.buffer()};
  }
};

/// The one row that was asked for.
json::value only_one(const json::value& rows) {
  if (rows.as_array().empty())
    throw std::runtime_error{"not found"};
  return rows.as_array().front();
}

const CLI::Validator socket_id{
  [](const std::string& text) {
    constexpr auto allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz0123456789-_";
    return text.find_first_not_of(allowed) == std::string::npos
             ? std::string{}
             : "not a socket id: " + text;
  },
  "SID"};

/// What was said on the command line, last word first, as CLI11 wants it. One
/// socket id in 64 begins with a dash, and is no option for that.
std::vector<std::string> words_of(int argc, char** argv) {
  constexpr std::size_t socket_id_length = 22;
  std::vector<std::string> words{argv + 1, argv + argc};
  auto command = std::find_if(words.begin(), words.end(), [](auto& x) {
    return x == "why" || x == "session";
  });
  if (words.end() - command > 1 && command[1].starts_with('-')
      && command[1].size() == socket_id_length) {
    auto id = command[1];
    words.erase(command + 1);
    words.insert(words.end(), {"--", id});
  }
  std::reverse(words.begin(), words.end());
  return words;
}

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"observerctl: looks into a running observerd, and into what it "
               "has stored.\n",
               "observerctl"};
  app.require_subcommand(1);
  std::string url = "http://127.0.0.1:3001";
  std::string data = "data";
  std::string token_file;
  bool as_json = false;
  app
    .add_option("--admin", url,
                "The server's admin listener; it must run with --admin")
    ->envname("OBSERVER_ADMIN_URL")
    ->capture_default_str();
  app.add_option("--data", data, "The server's data folder")
    ->envname("OBSERVER_DATA")
    ->capture_default_str();
  app
    .add_option("--token-file", token_file,
                "File with the admin token; by default admin.token in the data "
                "folder")
    ->envname("OBSERVER_TOKEN_FILE");
  app.add_flag("--json", as_json, "Print JSON instead of a table");
  app.fallthrough();
  int code = 0;

  /// Prints what `work` comes to, as JSON or with `show`.
  auto does = [&](CLI::App* command, auto work, auto show) {
    command->callback([&as_json, work, show] {
      auto result = work();
      if (as_json)
        print_json(result);
      else
        show(result);
    });
  };
  auto show_facts = [](const json::value& x) { print_facts(x.as_object()); };

  // -- a running server -------------------------------------------------------

  auto token = [&] {
    return read_token(token_file.empty() ? data + "/admin.token" : token_file);
  };
  auto fetch = [&](const std::string& path) {
    return observer::fetch(url, token(), path);
  };
  auto list = [&](const char* name, const char* help,
                  const std::vector<column>& columns) {
    does(
      app.add_subcommand(name, help),
      [&fetch, name] { return fetch(std::string{"/"} + name); },
      [&columns](const json::value& x) { print_rows(x, columns); });
  };
  selection which;
  auto list_some = [&](const char* name, const char* help,
                       const std::vector<column>& columns) {
    auto* command = app.add_subcommand(name, help);
    command->add_option("--name", which.name, "Those with this in their names");
    command->add_option("--sort", which.sort, "The largest first")
      ->check(
        CLI::IsMember{{"id", "mailbox", "handled", "busy_us", "longest_us"}});
    command->add_option("--limit", which.limit, "So many")
      ->check(CLI::PositiveNumber);
    does(
      command,
      [&fetch, &which, name] {
        return fetch(std::string{"/"} + name + which.query());
      },
      [&columns](const json::value& x) { print_rows(x, columns); });
    return command;
  };
  list_some("actors", "All actors: kind, mailbox, messages handled, state",
            actor_columns)
    ->add_option("--kind", which.kind, "Those of a kind, e.g. room");
  list_some("rooms", "All rooms with their members and messages", room_columns);
  list_some("sessions", "All client sessions with their rooms",
            session_columns);
  std::uint64_t room_id = 0;
  auto* one_room = app.add_subcommand("room", "All there is to know of a room");
  one_room->add_option("ID", room_id, "Its room_id")->required();
  does(
    one_room,
    [&] {
      return only_one(fetch("/rooms?is=room%20" + std::to_string(room_id)));
    },
    show_facts);
  std::string session;
  auto* one_session = app.add_subcommand(
    "session", "All there is to know of a client that is there");
  one_session->add_option("SID", session, "The client's socket.id")
    ->required()
    ->check(socket_id);
  does(
    one_session, [&] { return only_one(fetch("/sessions?is=" + session)); },
    show_facts);
  list("alarms", "What is stuck or piles up right now: actor, message, sender",
       alarm_columns);
  list("ended", "Clients that have gone within 10 minutes, and why",
       ended_columns);
  std::string socket;
  auto* why = app.add_subcommand(
    "why", "Why a client's connection has ended, and what went before");
  why->add_option("SID", socket, "The client's socket.id")
    ->required()
    ->check(socket_id);
  does(
    why, [&] { return fetch("/ended/" + socket); }, print_why);
  list("limits", "All limits, their values, and how often each was met",
       limit_columns);
  app
    .add_subcommand("metrics", "What the server counts, as Prometheus reads it "
                               "(--json changes nothing)")
    ->callback([&] {
      std::istringstream text{observer::fetch_text(url, token(), "/metrics")};
      for (std::string line; std::getline(text, line);)
        std::cout << observer::printable(line) << '\n';
    });
  std::int64_t interval = 1000;
  auto* top = app.add_subcommand("top",
                                 "All actors on the whole screen: "
                                 "mailboxes, rates, CPU; look into one. With "
                                 "--json one look, the busiest first");
  std::map<std::string, std::int64_t> units{{"ms", 1}, {"s", 1000}};
  top->add_option("--interval", interval, "Between two looks, e.g. 500ms")
    ->transform(CLI::AsNumberWithUnit(
      units, CLI::AsNumberWithUnit::UNIT_REQUIRED, "TIME"))
    ->check(CLI::Range(50, 60'000))
    ->default_str("1s");
  top->callback([&] {
    std::chrono::milliseconds pause{interval};
    if (as_json)
      print_json(measure_once(fetch, pause));
    else
      observer::show_top(fetch, pause);
  });
  app.add_subcommand("graph", "Who watches whom, for Graphviz: | dot -Tsvg")
    ->callback([&] { std::cout << observer::to_graphviz(fetch("/actors")); });
  std::uint64_t id = 0;
  auto* one = app.add_subcommand("actor", "All there is to know of one actor");
  one->add_option("ID", id, "As in the list of actors")->required();
  does(
    one, [&] { return fetch("/actors/" + std::to_string(id)); }, show_facts);

  // -- the store --------------------------------------------------------------

  std::int64_t room = 0;
  std::optional<std::uint64_t> to;
  auto* replay = app.add_subcommand(
    "replay", "A stored room at any point of its life, and how it came to be; "
              "no server is needed");
  replay->add_option("--room", room, "Its room_id")->required();
  replay->add_option("--to", to, "The last revision to replay; all by default");
  does(
    replay, [&] { return observer::replay_room(data, room, to); },
    print_replay);
  auto* store = app.add_subcommand("store", "Care of the store in --data");
  store->require_subcommand(1);
  does(
    store->add_subcommand("check", "Is it sound? Code 1 if it is not"),
    [&] {
      auto wrong = observer::check_store(data);
      code = wrong.as_array().empty() ? 0 : 1;
      return wrong;
    },
    print_check);
  does(
    store->add_subcommand("stats", "How much there is of what"),
    [&] { return observer::show_store_figures(data); }, show_facts);
  does(
    store->add_subcommand("vacuum", "Give back the space of what was deleted; "
                                    "the server must not run"),
    [&] { return observer::vacuum_store(data); }, show_facts);
  std::string file;
  auto* backup = store->add_subcommand(
    "backup", "Copy it as it is at one moment, while the server runs");
  backup->add_option("FILE", file, "The copy")->required();
  does(
    backup, [&] { return observer::back_up_store(data, file); }, show_facts);

  try {
    app.parse(words_of(argc, argv));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0)
      return app.exit(error);
    std::cerr << "observerctl: " << observer::printable(error.what()) << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "observerctl: " << observer::printable(error.what()) << '\n';
    return 1;
  }
  return code;
}
