#include "net/gateway/admin.hpp"

#include "net/gateway/json_writer.hpp"
#include "net/gateway/snapshot_json.hpp"

#include <caf/send.hpp>

#include <charconv>
#include <memory>

namespace observer::gateway {

namespace {

using http::responder;
using http::routed_request;

constexpr std::string_view scheme = "Bearer ";

/// Looks at every character, whatever the first difference is.
bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size())
    return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

bool is_authorized(const http::request& in, std::string_view token) {
  std::string_view given = in[http::field::authorization];
  return given.substr(0, scheme.size()) == scheme
         && equal_in_constant_time(given.substr(scheme.size()), token);
}

std::vector<runtime::actor_info> of_kind(const runtime::directory& actors,
                                         std::string_view kind) {
  auto result = actors.list();
  std::erase_if(result, [&](auto& x) { return x.kind != kind; });
  return result;
}

} // namespace

http::handler
make_admin_handler(query_actor asker, const runtime::directory& actors,
                   std::function<std::string()> limits, std::string token) {
  auto list = [&actors](const routed_request&, const responder& respond) {
    std::string body;
    append_array(body, actors.list(),
                 [](auto& out, const runtime::actor_info& x) {
                   append(out, x, std::nullopt);
                 });
    respond(http::make_json(http::status::ok, std::move(body)));
  };
  auto one = [&actors, asker](const routed_request& in,
                              const responder& respond) {
    auto& text = in.arguments.front();
    caf::actor_id id = 0;
    std::from_chars(text.data(), text.data() + text.size(), id);
    auto found = actors.find(id);
    if (!found)
      return respond(http::make_error(http::status::not_found, "not_found",
                                      "there is no such actor"));
    caf::anon_send(asker, read_snapshots{{std::move(*found)}, true}, respond);
  };
  auto all_of = [&actors, asker](std::string kind) {
    return
      [&actors, asker, kind](const routed_request&, const responder& respond) {
        caf::anon_send(asker, read_snapshots{of_kind(actors, kind), false},
                       respond);
      };
  };
  auto show_limits = [limits = std::move(limits)](const routed_request&,
                                                  const responder& respond) {
    respond(http::make_json(http::status::ok, limits()));
  };
  http::router router{{
    {"/actors", list},
    {"/actors/{}", one},
    {"/rooms", all_of("room")},
    {"/sessions", all_of("session")},
    {"/limits", show_limits},
  }};
  return [router = std::move(router), token = std::move(token)](
           const http::request& in, const responder& respond) {
    if (is_authorized(in, token))
      return router(in, respond);
    auto out = http::make_error(http::status::unauthorized, "unauthorized",
                                "this needs the admin token");
    out.set(http::field::www_authenticate, "Bearer");
    respond(std::move(out));
  };
}

} // namespace observer::gateway
