#include "net/gateway/admin.hpp"

#include "net/gateway/json_writer.hpp"
#include "net/gateway/snapshot_json.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <charconv>
#include <memory>

namespace observer::gateway {

namespace {

using http::responder;
using http::routed_request;

/// Rows of the list of those who have gone.
constexpr std::size_t ended_shown = 1000;

http::response unauthorized() {
  auto out = http::make_error(http::status::unauthorized, "unauthorized",
                              "this needs the admin token");
  out.set(http::field::www_authenticate, "Bearer");
  return out;
}

http::response too_many_tries(std::chrono::seconds pause) {
  auto out = http::make_error(http::status::too_many_requests, "rate_limited",
                              "too many wrong admin tokens");
  out.set(http::field::retry_after, std::to_string(pause.count()));
  return out;
}

http::response bad_query(const std::string& wrong) {
  return http::make_error(http::status::bad_request, "bad_request", wrong);
}

} // namespace

http::handler make_admin_handler(
  query_actor asker, runtime::directory& actors, ended_clients& ended,
  std::function<std::string()> limits,
  std::function<std::string(std::vector<actor_snapshot>)> metrics,
  admin_gate gate) {
  auto list = [&actors](const routed_request& in, const responder& respond) {
    auto which = read_selection(in);
    if (const auto* wrong = std::get_if<std::string>(&which))
      return respond(bad_query(*wrong));
    std::string body;
    append_array(body, find_actors(actors, std::get<actor_selection>(which)),
                 [](auto& out, const runtime::actor_info& x) {
                   append(out, x, std::nullopt);
                 });
    respond(http::make_json(http::status::ok, std::move(body)));
  };
  auto one = [asker](const routed_request& in, const responder& respond) {
    auto& text = in.arguments.front();
    caf::actor_id id = 0; // nobody's
    std::from_chars(text.data(), text.data() + text.size(), id);
    caf::anon_send(asker, read_snapshot{id}, respond);
  };
  auto alarms = [&actors](const routed_request&, const responder& respond) {
    std::string body;
    append_array(body, actors.alarms().raised(),
                 [now = std::chrono::steady_clock::now()](
                   auto& out, const runtime::raised_alarm& x) {
                   append(out, x, now);
                 });
    respond(http::make_json(http::status::ok, std::move(body)));
  };
  auto list_ended = [&ended](const routed_request&, const responder& respond) {
    std::string body;
    append_array(
      body, ended.newest(ended_shown, std::chrono::steady_clock::now()),
      [](auto& out, const ended_client& x) { append(out, x, false); });
    respond(http::make_json(http::status::ok, std::move(body)));
  };
  auto find_ended = [&ended](const routed_request& in,
                             const responder& respond) {
    auto found = ended.find(in.arguments.front(),
                            std::chrono::steady_clock::now());
    if (!found)
      return respond(http::make_error(http::status::not_found, "not_found",
                                      "no such client has gone lately"));
    std::string body;
    append(body, *found, true);
    respond(http::make_json(http::status::ok, std::move(body)));
  };
  auto all_of = [asker](std::string kind) {
    return [asker, kind](const routed_request& in, const responder& respond) {
      auto read = read_selection(in);
      if (const auto* wrong = std::get_if<std::string>(&read))
        return respond(bad_query(*wrong));
      auto& which = std::get<actor_selection>(read);
      if (!which.kind.empty())
        return respond(bad_query("all here are of one kind"));
      which.kind = kind;
      caf::anon_send(asker, read_snapshots{std::move(which)}, respond);
    };
  };
  auto show_limits = [limits = std::move(limits)](const routed_request&,
                                                  const responder& respond) {
    respond(http::make_json(http::status::ok, limits()));
  };
  auto show_metrics = [asker, question = read_metrics{std::move(metrics)}](
                        const routed_request&, const responder& respond) {
    caf::anon_send(asker, question, respond);
  };
  http::router router{{
    {"/actors", list},
    {"/actors/{}", one},
    {"/alarms", alarms},
    {"/ended", list_ended},
    {"/ended/{}", find_ended},
    {"/rooms", all_of("room")},
    {"/sessions", all_of("session")},
    {"/limits", show_limits},
    {"/metrics", show_metrics},
  }};
  // A handler is copied; who tried what is not.
  auto guard = std::make_shared<admin_gate>(std::move(gate));
  return [router = std::move(router), guard](const http::request& in,
                                             const responder& respond) {
    std::string_view method = in.method_string();
    std::string_view target = in.target();
    switch (guard->check(in[http::field::authorization],
                         std::chrono::steady_clock::now())) {
      case admin_gate::verdict::granted:
        spdlog::info("admin.command method={:?} target={:?}", method, target);
        return router(in, respond);
      case admin_gate::verdict::no_token:
        return respond(unauthorized());
      case admin_gate::verdict::refused:
        spdlog::warn("admin.refused method={:?} target={:?}", method, target);
        return respond(unauthorized());
      case admin_gate::verdict::held_off: // for the tokens that were logged
        return respond(too_many_tries(guard->pause()));
    }
  };
}

} // namespace observer::gateway
