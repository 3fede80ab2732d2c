#include "tools/observerctl/store_commands.hpp"

#include "actors/domain/room_state.hpp"
#include "actors/store/backend/event_json.hpp"
#include "actors/store/backend/folder_lock.hpp"
#include "actors/store/backend/sqlite_store.hpp"
#include "net/gateway/json_writer.hpp"
#include "net/gateway/model_json.hpp"
#include "net/socketio/json.hpp"

#include <algorithm>
#include <stdexcept>

namespace observer {

namespace {

namespace json = boost::json;

sqlite_store open(const std::filesystem::path& data, store_access access) {
  auto file = data / "observer.db";
  if (!std::filesystem::exists(file))
    throw std::runtime_error{"there is no store in " + data.string()};
  return {file, {}, access};
}

json::value parse(const std::string& text) {
  return socketio::parse_json(text, {.depth = 128}).value();
}

/// Says that there is a secret, not its hash: a short password can be guessed
/// from it.
void hide_hashes(json::object& event) {
  for (const auto* key : {"password", "session", "token"})
    if (auto* value = event.if_contains(key); value && value->is_string())
      *value = "hidden";
}

json::value describe_state(domain::room_state& state) {
  json::array muted;
  for (auto& [id, member] : state.members) {
    member.user.status = presence::offline;
    if (member.user.muted)
      muted.push_back(to_number(id));
  }
  json::array banned;
  for (auto& [folded, name] : state.banned_names)
    banned.emplace_back(name);
  std::sort(banned.begin(), banned.end(),
            [](auto& a, auto& b) { return a.as_string() < b.as_string(); });
  std::string text;
  gateway::append(text, domain::describe(state));
  auto result = parse(text);
  auto& object = result.as_object();
  object["closed"] = state.closed;
  object["muted"] = std::move(muted);
  object["banned"] = std::move(banned);
  return result;
}

std::string to_text(timestamp at) {
  std::string object;
  { gateway::object_writer{object}.add("at", at); }
  return std::string{parse(object).at("at").as_string()};
}

} // namespace

json::value replay_room(const std::filesystem::path& data, std::int64_t room,
                        std::optional<std::uint64_t> to) {
  auto store = open(data, store_access::look);
  auto kept = store.history(room_id{room}, to.value_or(~std::uint64_t{0}));
  if (kept.empty())
    throw std::runtime_error{"there was never a room " + std::to_string(room)};
  domain::room_state state;
  json::array events;
  for (auto& x : kept) {
    domain::apply(state, x.event);
    json::object row{{"rev", x.rev}, {"at", to_text(x.at)}};
    auto fields = to_json(x.event);
    hide_hashes(fields);
    for (auto& [key, value] : fields)
      row.emplace(key, value);
    if (const auto* posted = std::get_if<room_event::posted>(&x.event);
        posted != nullptr && posted->content->data)
      row.emplace("data", parse(posted->content->data->json));
    events.push_back(std::move(row));
  }
  return {{"room_id", room},
          {"rev", kept.back().rev},
          {"state", describe_state(state)},
          {"events", std::move(events)}};
}

json::value check_store(const std::filesystem::path& data) {
  json::array result;
  for (auto& line : open(data, store_access::look).check())
    result.emplace_back(line);
  return result;
}

json::value show_store_figures(const std::filesystem::path& data) {
  auto x = open(data, store_access::look).figures();
  return {{"schema", x.schema},      {"bytes", x.bytes},
          {"rooms", x.rooms},        {"open_rooms", x.open_rooms},
          {"events", x.events},      {"messages", x.messages},
          {"snapshots", x.snapshots}};
}

json::value vacuum_store(const std::filesystem::path& data) {
  if (!std::filesystem::exists(data))
    throw std::runtime_error{"there is no store in " + data.string()};
  folder_lock lock{data};
  auto store = open(data, store_access::maintain);
  auto before = store.figures().bytes;
  store.vacuum();
  return {{"bytes_before", before}, {"bytes_after", store.figures().bytes}};
}

json::value back_up_store(const std::filesystem::path& data,
                          const std::filesystem::path& file) {
  if (std::filesystem::exists(file))
    throw std::runtime_error{file.string() + " is there already"};
  open(data, store_access::look).back_up(file);
  return {{"copied_to", file.string()},
          {"bytes", std::filesystem::file_size(file)}};
}

} // namespace observer
