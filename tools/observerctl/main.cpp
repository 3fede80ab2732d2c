#include "tools/observerctl/admin_client.hpp"
#include "tools/observerctl/table.hpp"

#include <boost/json/serialize.hpp>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace {

namespace json = boost::json;
using observer::table;

/// What a table shows of a value: strings bare, arrays by their elements.
std::string cell(const json::value& value) {
  if (const auto* text = value.if_string())
    return std::string{*text};
  if (const auto* array = value.if_array()) {
    std::string out;
    for (auto& element : *array)
      out += (out.empty() ? "" : ",") + cell(element);
    return out.empty() ? "-" : out;
  }
  return json::serialize(value);
}

/// The value at a path such as `snapshot.room.name`; `-` if there is none.
std::string cell_at(const json::value& row, std::string_view path) {
  const auto* at = &row;
  while (!path.empty()) {
    auto dot = std::min(path.find('.'), path.size());
    const auto* object = at->if_object();
    at = object != nullptr ? object->if_contains(path.substr(0, dot)) : nullptr;
    if (at == nullptr)
      return "-";
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return cell(*at);
}

struct column {
  std::string head;
  std::string_view path;
};

void print_rows(const json::value& rows, const std::vector<column>& columns) {
  std::vector<std::string> head;
  for (auto& x : columns)
    head.push_back(x.head);
  table out{std::move(head)};
  for (auto& row : rows.as_array()) {
    std::vector<std::string> cells;
    for (auto& x : columns)
      cells.push_back(cell_at(row, x.path));
    out.add(std::move(cells));
  }
  out.print(std::cout);
}

/// One actor: a line for each fact, nested ones with their path.
void print_facts(const json::object& facts, const std::string& prefix,
                 table& out) {
  for (auto& [key, value] : facts) {
    auto name = prefix + std::string{key};
    if (const auto* object = value.if_object())
      print_facts(*object, name + ".", out);
    else
      out.add({name, cell(value)});
  }
}

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

} // namespace

int main(int argc, char** argv) {
  CLI::App app{"observerctl: looks into a running observerd.\n"
               "The server must have been started with --admin.\n",
               "observerctl"};
  app.require_subcommand(1);
  std::string url = "http://127.0.0.1:3001";
  std::string token_file = "data/admin.token";
  bool as_json = false;
  app.add_option("--admin", url, "The server's admin listener")
    ->envname("OBSERVER_ADMIN_URL")
    ->capture_default_str();
  app
    .add_option("--token-file", token_file,
                "File with the admin token, in the server's data folder")
    ->envname("OBSERVER_TOKEN_FILE")
    ->capture_default_str();
  app.add_flag("--json", as_json, "Print JSON instead of a table");
  app.fallthrough();

  std::string path;
  std::vector<column> columns;
  auto list = [&](const char* name, const char* help,
                  const std::vector<column>& shown) {
    app.add_subcommand(name, help)->callback([&, name, shown] {
      path = std::string{"/"} + name;
      columns = shown;
    });
  };
  list("actors", "All actors: kind, mailbox, messages handled, state",
       actor_columns);
  list("rooms", "All rooms with their members and messages", room_columns);
  list("sessions", "All client sessions with their rooms", session_columns);
  std::uint64_t id = 0;
  auto* one = app.add_subcommand("actor", "All there is to know of one actor");
  one->add_option("ID", id, "As in the list of actors")->required();
  one->callback([&] { path = "/actors/" + std::to_string(id); });

  try {
    app.parse(argc, argv);
    auto answer = observer::fetch(url, read_token(token_file), path);
    if (as_json) {
      std::cout << json::serialize(answer) << '\n';
    } else if (const auto* facts = answer.if_object()) {
      table out{{"FACT", "VALUE"}};
      print_facts(*facts, "", out);
      out.print(std::cout);
    } else {
      print_rows(answer, columns);
    }
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0)
      return app.exit(error);
    std::cerr << "observerctl: " << error.what() << '\n';
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "observerctl: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
