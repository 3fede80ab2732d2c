#include "net/gateway/event_table.hpp"

#include "net/socketio/packet.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace observer::gateway {

namespace {

constexpr std::int64_t max_sequence = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t max_token = 256; ///< bytes
constexpr std::size_t max_role = 256;  ///< code points

std::optional<std::uint32_t> read_capacity(field_reader& in,
                                           const settings& limits) {
  auto result = in.optional_number("capacity", 1, limits.room_capacity);
  return result ? std::optional{static_cast<std::uint32_t>(*result)}
                : std::nullopt;
}

std::optional<sequence> read_sequence(field_reader& in,
                                      std::string_view field) {
  auto result = in.optional_number(field, 0, max_sequence);
  return result ? std::optional{static_cast<sequence>(*result)} : std::nullopt;
}

/// How many members the first page holds; unset: all are wanted.
std::optional<std::uint32_t> read_participants(field_reader& in,
                                               const settings& limits) {
  auto result = in.optional_number("participants", 0, limits.member_page);
  return result ? std::optional{static_cast<std::uint32_t>(*result)}
                : std::nullopt;
}

client_request read_host(field_reader& in, const settings& limits) {
  host_request out;
  out.name = in.name("name", limits.name_length, &limit_counts::name);
  out.room = in.optional_name("room", limits.room_name_length,
                              &limit_counts::room_name);
  out.password = in.optional_string("password", 0, limits.password_length);
  out.capacity = read_capacity(in, limits);
  out.client_id = in.optional_string("client_id", 1, limits.client_id_length);
  out.participants = read_participants(in, limits);
  return out;
}

client_request read_join(field_reader& in, const settings& limits) {
  join_request out;
  out.room = in.room();
  out.name = in.name("name", limits.name_length, &limit_counts::name);
  out.password = in.optional_string("password", 0, limits.password_length);
  if (auto role = in.optional_string("role", 0, max_role)) {
    if (*role == "observer")
      out.role = role::observer;
    else if (*role != "participant")
      in.refuse("role", "must be participant or observer");
  }
  if (auto n = in.optional_number("history", 0, limits.page_length))
    out.history = static_cast<std::uint32_t>(*n);
  out.participants = read_participants(in, limits);
  return out;
}

client_request read_rejoin(field_reader& in, const settings& limits) {
  rejoin_request out;
  out.room = in.room();
  out.token = in.text("token", 1, max_token);
  out.after = read_sequence(in, "after");
  out.participants = read_participants(in, limits);
  return out;
}

client_request read_leave(field_reader& in, const settings&) {
  return leave_request{in.optional_room()};
}

client_request read_message(field_reader& in, const settings& limits) {
  message_request out;
  out.room = in.optional_room();
  out.text = in.text("text", 1, limits.text_bytes, &limit_counts::text_bytes);
  out.to = in.optional_user("to");
  out.client_id = in.optional_string("client_id", 1, limits.client_id_length);
  out.data = in.value("data");
  return out;
}

client_request read_activity(field_reader& in, const settings& limits) {
  activity_request out;
  out.room = in.optional_room();
  out.kind = in.word("kind", limits.kind_length);
  out.data = in.value("data");
  return out;
}

client_request read_history(field_reader& in, const settings& limits) {
  history_request out;
  out.room = in.optional_room();
  out.after = read_sequence(in, "after");
  out.before = read_sequence(in, "before");
  out.limit = static_cast<std::uint32_t>(
    in.optional_number("limit", 1, limits.page_length)
      .value_or(limits.page_length));
  return out;
}

client_request read_members(field_reader& in, const settings& limits) {
  members_request out;
  out.room = in.optional_room();
  out.after = in.optional_user("after");
  out.limit = static_cast<std::uint32_t>(
    in.optional_number("limit", 1, limits.member_page)
      .value_or(limits.member_page));
  return out;
}

client_request read_kick(field_reader& in, const settings& limits) {
  kick_request out;
  out.room = in.optional_room();
  out.user = in.user("user_id");
  out.reason
    = in.optional_string("reason", 0, limits.reason_length).value_or("");
  out.ban = in.optional_flag("ban").value_or(false);
  return out;
}

client_request read_mute(field_reader& in, const settings&) {
  mute_request out;
  out.room = in.optional_room();
  out.user = in.user("user_id");
  out.muted = in.flag("muted");
  return out;
}

client_request read_room_request(field_reader& in, const settings& limits) {
  configure_request out;
  out.room = in.optional_room();
  out.name = in.optional_name("name", limits.room_name_length,
                              &limit_counts::room_name);
  out.locked = in.optional_flag("locked");
  out.password = in.is_null("password")
                   ? std::string{}
                   : in.optional_string("password", 0, limits.password_length);
  out.capacity = read_capacity(in, limits);
  out.host = in.optional_user("host");
  return out;
}

client_request read_close(field_reader& in, const settings&) {
  return close_request{in.optional_room()};
}

constexpr auto rows = std::to_array<event_row>({
  {"message", read_message}, // the most frequent first
  {"activity", read_activity},
  {"host", read_host},
  {"join", read_join},
  {"rejoin", read_rejoin},
  {"leave", read_leave},
  {"history", read_history},
  {"members", read_members},
  {"kick", read_kick},
  {"mute", read_mute},
  {"room", read_room_request},
  {"close", read_close},
});

static_assert(rows.size() == std::variant_size_v<client_request>,
              "each request has its row");

std::variant<client_request, failure>
read_fields(const event_row& row, field_reader in, const settings& limits) {
  auto result = row.read(in, limits);
  if (in.fault())
    return *in.fault();
  return result;
}

} // namespace

const event_row* find_event(std::string_view name) {
  const auto* row
    = std::find_if(rows.begin(), rows.end(),
                   [&](auto& candidate) { return candidate.name == name; });
  return row != rows.end() ? row : nullptr;
}

std::variant<client_request, failure>
read_request(const event_row& row, boost::json::array& arguments,
             std::vector<std::string>& attachments, const settings& limits,
             limit_counts& met) {
  boost::json::object none;
  auto* fields = &none;
  if (arguments.size() > 1) {
    fields = arguments[1].if_object();
    auto binary = !attachments.empty()
                  && socketio::is_placeholder(arguments[1]);
    if (fields == nullptr || binary)
      return failure{errc::bad_request, "the request must be one JSON object"};
  }
  return read_fields(row, {*fields, attachments, met}, limits);
}

std::variant<client_request, failure>
read_request(const event_row& row, const socketio::plain_event& event,
             const settings& limits, limit_counts& met) {
  return read_fields(row, {event.fields, met}, limits);
}

} // namespace observer::gateway
