#include "net/gateway/rest.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace observer::gateway {

namespace {

using http::responder;
using http::routed_request;

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t result = 0;
  const auto* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, result);
  if (error != std::errc{} || stop != end || result < 0)
    return std::nullopt;
  return result;
}

/// Reads the numbers of a query; what does not fit is answered with 400.
class query_reader {
public:
  explicit query_reader(const routed_request& in) : in_(in) {
  }

  [[nodiscard]] std::optional<std::int64_t>
  number(std::string_view name, std::int64_t min, std::int64_t max) {
    auto text = in_.parameter(name);
    if (!text)
      return std::nullopt;
    auto result = parse_number(*text);
    if (!result || *result < min || *result > max)
      bad_ = std::string{name};
    return result;
  }

  /// Rows of one page: as many as are wanted, but no more than `most`.
  [[nodiscard]] std::uint32_t limit(std::uint32_t most) {
    auto wanted = number("limit", 1, std::numeric_limits<std::uint32_t>::max());
    return static_cast<std::uint32_t>(
      std::min<std::int64_t>(wanted.value_or(most), most));
  }

  /// Whether `fields=summary` is wanted.
  [[nodiscard]] bool summary() {
    auto text = in_.parameter("fields");
    if (text && text != "summary")
      bad_ = "fields";
    return text.has_value();
  }

  /// Answers, if something did not fit.
  [[nodiscard]] bool refuse(const responder& respond) const {
    if (!bad_)
      return false;
    respond(http::make_error(http::status::bad_request, "bad_request",
                             *bad_ + ": out of range"));
    return true;
  }

private:
  const routed_request& in_;
  std::optional<std::string> bad_;
};

/// The room id in the path; 404 for what is no id, as for a room not there.
std::optional<room_id> read_id(const routed_request& in,
                               const responder& respond) {
  if (auto id = parse_number(in.arguments.front()))
    return room_id{*id};
  respond(http::make_error(http::status::not_found, "room_not_found",
                           "there is no such room"));
  return std::nullopt;
}

/// What somebody knows that opens the messages of a room.
reading_request read_who(room_id room, const routed_request& in) {
  constexpr std::string_view scheme = "Bearer ";
  reading_request out{room, {}, {}};
  if (auto i = in.message.find("X-Room-Password"); i != in.message.end())
    out.password = std::string{i->value()};
  std::string_view given = in.message[http::field::authorization];
  if (given.starts_with(scheme))
    out.token = std::string{given.substr(scheme.size())};
  else if (auto token = in.parameter("token"))
    out.token = std::string{*token};
  return out;
}

} // namespace

http::router make_rest_router(query_actor asker, const settings& limits,
                              std::function<bool()> ready,
                              const client_script& script) {
  auto rooms = [asker, &limits](const routed_request& in,
                                const responder& respond) {
    query_reader query{in};
    registry_message::list_rooms out;
    if (auto after = query.number("after", 0, max_id))
      out.after = room_id{*after};
    out.limit = query.limit(limits.list_length);
    out.summary = query.summary();
    if (!query.refuse(respond))
      caf::anon_send(asker, out, respond);
  };
  auto room = [asker](const routed_request& in, const responder& respond) {
    auto id = read_id(in, respond);
    if (!id)
      return;
    query_reader query{in};
    read_room out{*id, query.summary()};
    if (!query.refuse(respond))
      caf::anon_send(asker, out, respond);
  };
  auto messages = [asker, &limits](const routed_request& in,
                                   const responder& respond) {
    auto id = read_id(in, respond);
    if (!id)
      return;
    query_reader query{in};
    page_query out;
    out.room = *id;
    if (auto after = query.number("after", 0, max_id))
      out.after = static_cast<sequence>(*after);
    if (auto before = query.number("before", 0, max_id))
      out.before = static_cast<sequence>(*before);
    out.limit
      = static_cast<std::uint32_t>(query.number("limit", 1, limits.page_length)
                                     .value_or(limits.page_length));
    if (!query.refuse(respond))
      caf::anon_send(asker, read_messages{out, read_who(*id, in)}, respond);
  };
  auto users = [asker, &limits](const routed_request& in,
                                const responder& respond) {
    query_reader query{in};
    registry_message::list_users out;
    if (auto after = query.number("after", 0, max_id))
      out.after = user_id{*after};
    out.limit = query.limit(limits.list_length);
    if (!query.refuse(respond))
      caf::anon_send(asker, out, respond);
  };
  auto health = [](const routed_request&, const responder& respond) {
    respond(http::make_json(http::status::ok, "{\"ok\":true}"));
  };
  auto readiness = [ready](const routed_request&, const responder& respond) {
    respond(ready() ? http::make_json(http::status::ok, "{\"ok\":true}")
                    : http::make_error(http::status::service_unavailable,
                                       "unavailable", "not ready"));
  };
  std::vector<http::route> routes{
    {"/api/room", rooms},
    {"/api/room/{}", room},
    {"/api/room/{}/messages", messages},
    {"/api/users", users},
    {"/healthz", health},
    {"/readyz", readiness},
  };
  if (!script.empty())
    routes.push_back({"/socket.io/{}", [&script](const routed_request& in,
                                                 const responder& respond) {
                        respond(script.serve(in.message, in.arguments.front()));
                      }});
  return http::router{std::move(routes)};
}

} // namespace observer::gateway
