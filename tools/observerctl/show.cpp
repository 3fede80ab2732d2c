#include "tools/observerctl/show.hpp"

#include "net/socketio/json.hpp"
#include "tools/observerctl/printable.hpp"
#include "tools/observerctl/table.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <iostream>

namespace observer::show {

namespace {

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

} // namespace

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

void print_facts(const json::object& facts) {
  table out{{"FACT", "VALUE"}};
  print_facts(facts, "", out);
  out.print(std::cout);
}

void print_replay(const json::value& replay) {
  print_facts(replay.at("state").as_object());
  table out{{"REV", "AT", "EVENT", "FIELDS"}};
  for (auto& row : replay.at("events").as_array()) {
    auto fields = row.as_object();
    auto rev = cell(fields["rev"]);
    auto at = cell(fields["at"]);
    auto event = cell(fields["event"]);
    for (const auto* key : {"rev", "at", "event"})
      fields.erase(key);
    out.add({rev, at, event, json::serialize(fields)});
  }
  std::cout << '\n';
  out.print(std::cout);
}

void print_why(const json::value& ended) {
  auto facts = ended.as_object();
  for (const auto* sentence : {"why", "next"}) {
    std::cout << printable(cell(facts[sentence])) << '\n';
    facts.erase(sentence);
  }
  auto last = facts["last"];
  facts.erase("last");
  std::cout << '\n';
  print_facts(facts);
  std::cout << '\n';
  print_rows(last, {{"AT_MS", "at_ms"}, {"CAME", "type"}, {"BYTES", "bytes"}});
}

void print_check(const json::value& wrong) {
  for (auto& line : wrong.as_array())
    std::cout << printable(cell(line)) << '\n';
  if (wrong.as_array().empty())
    std::cout << "the store is sound\n";
}

void print_json(const json::value& value) {
  std::string text;
  socketio::append_json(text, value);
  std::cout << printable(text) << '\n';
}

} // namespace observer::show
