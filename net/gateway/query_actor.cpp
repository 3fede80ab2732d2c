#include "net/gateway/query_actor.hpp"

#include "messages/room.hpp"
#include "net/gateway/json_writer.hpp"
#include "net/gateway/model_json.hpp"
#include "net/gateway/snapshot_json.hpp"

#include <caf/actor_cast.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace observer::gateway {

namespace {

constexpr auto answer_timeout = std::chrono::seconds{10};

/// Different questions that may wait in one lane.
constexpr std::size_t waiting_limit = 256;

/// Actors that one of them asks at a time.
constexpr std::size_t actors_at_a_time = 32;

http::response unavailable() {
  return http::make_error(http::status::service_unavailable, "unavailable",
                          "the server cannot answer now");
}

http::response no_such_room() {
  return http::make_error(http::status::not_found, "room_not_found",
                          "there is no such room");
}

http::response no_such_actor() {
  return http::make_error(http::status::not_found, "not_found",
                          "there is no such actor");
}

http::response forbidden() {
  return http::make_error(http::status::forbidden, "forbidden",
                          "the messages of this room are for its members");
}

http::response held_off() {
  auto result
    = http::make_error(http::status::too_many_requests, "rate_limited",
                       "too many wrong passwords; try again in a second");
  result.set(http::field::retry_after, "1");
  return result;
}

/// The number, or nothing.
template <class Id>
std::string to_text(const std::optional<Id>& id) {
  return id ? fmt::format("{}", static_cast<std::int64_t>(*id)) : "";
}

// What is asked for. Questions with the same key have the same answer.

std::string key_of(const registry_message::list_rooms& x) {
  return fmt::format("rooms {} {} {}", to_text(x.after), x.limit, x.summary);
}

std::string key_of(const registry_message::list_users& x) {
  return fmt::format("users {} {}", to_text(x.after), x.limit);
}

std::string key_of(const read_room& x) {
  return fmt::format("room {} {}", to_number(x.room), x.summary);
}

/// A header has no line feed in it, and the token is the last.
std::string key_of(const read_messages& x) {
  return fmt::format("messages {} {} {} {}\n{}\n{}", to_number(x.query.room),
                     to_text(x.query.after), to_text(x.query.before),
                     x.query.limit, x.who.password.value_or(""),
                     x.who.token.value_or(""));
}

std::string key_of(const read_snapshots& x) {
  return "snapshots " + key_of(x.which);
}

std::string key_of(const read_metrics&) {
  return "metrics";
}

std::string key_of(const read_snapshot& x) {
  return fmt::format("snapshot {}", x.actor);
}

} // namespace

query::query(caf::actor_config& config, const runtime::placement& where,
             registry_actor registry, history_actor history,
             const answer_budget& budget, limit_counts& met)
  : inspectable(config, where, "query",
                where.home != nullptr
                  ? "loop " + std::to_string(where.home->index())
                  : "query"),
    clock_(where.clock),
    registry_(std::move(registry)),
    history_(std::move(history)),
    budget_(budget),
    met_(met) {
}

template <class Question, query::lane query::*Lane>
auto query::takes() {
  return on([this](const Question& x, const http::responder& respond) {
    ++requests_;
    auto& in = this->*Lane;
    auto key = key_of(x);
    auto i = lines_.find(key);
    if (i != lines_.end())
      return i->second.next.push_back(respond);
    if (in.waiting.size() >= waiting_limit)
      return respond(unavailable());
    lines_.emplace(key, line{&in, [this, key, x] { ask(key, x); }, {respond}});
    in.waiting.push_back(std::move(key));
    ask_next(in);
  });
}

query::behavior_type query::make_behavior() {
  return {
    on([this](const get_snapshot&) -> actor_snapshot {
      return query_snapshot{requests_};
    }),
    takes<registry_message::list_rooms, &query::lists_>(),
    takes<registry_message::list_users, &query::lists_>(),
    takes<read_room, &query::others_>(),
    takes<read_messages, &query::others_>(),
    takes<read_snapshots, &query::others_>(),
    takes<read_snapshot, &query::others_>(),
    takes<read_metrics, &query::others_>(),
  };
}

void query::on_exit() {
  lines_.clear();
  registry_ = nullptr;
  history_ = nullptr;
  inspectable::on_exit();
}

// -- who waits for what -------------------------------------------------------

void query::ask_next(lane& in) {
  while (in.under_way < in.width && !in.waiting.empty()) {
    auto& line = lines_.at(in.waiting.front());
    in.waiting.pop_front();
    line.served = std::exchange(line.next, {});
    ++in.under_way;
    auto ask = line.ask; // what is answered at once ends the line
    ask();
  }
}

void query::answer(const std::string& key, const http::response& out) {
  auto i = lines_.find(key);
  auto& in = *i->second.in;
  for (auto& respond : std::exchange(i->second.served, {}))
    respond(out);
  if (i->second.next.empty())
    lines_.erase(i);
  else
    in.waiting.push_back(key);
  --in.under_way;
  ask_next(in);
}

void query::answer(const std::string& key, std::string body) {
  answer_list(key, std::move(body), {});
}

void query::answer_list(const std::string& key, std::string body,
                        std::string next) {
  auto held = budget_.hold(std::move(body));
  if (!held)
    return answer(key, unavailable());
  auto out = http::make_json(http::status::ok, std::move(held));
  if (!next.empty()) {
    ++met_.list_length;
    out.set(http::field::link, fmt::format("<{}>; rel=\"next\"", next));
  }
  answer(key, out);
}

// -- rooms and users ----------------------------------------------------------

void query::ask(const std::string& key, const registry_message::list_rooms& x) {
  request(registry_, answer_timeout, x)
    .then(
      [this, key, x](const room_page_ptr& page) {
        std::string body;
        append_array(body, page->rooms, [&](auto& out, const room_row& row) {
          if (x.summary)
            append_summary(out, *row.room, row.heads);
          else
            append(out, *row.room);
        });
        std::string next;
        if (page->next)
          next = fmt::format("/api/room?after={}&limit={}{}",
                             to_number(*page->next), x.limit,
                             x.summary ? "&fields=summary" : "");
        answer_list(key, std::move(body), std::move(next));
      },
      [this, key](const caf::error&) { answer(key, unavailable()); });
}

void query::ask(const std::string& key, const registry_message::list_users& x) {
  request(registry_, answer_timeout, x)
    .then(
      [this, key, x](const user_page_ptr& page) {
        std::string body;
        append_array(body, page->users,
                     [](auto& out, const user_row& y) { append(out, y); });
        std::string next;
        if (page->next)
          next = fmt::format("/api/users?after={}&limit={}",
                             to_number(*page->next), x.limit);
        answer_list(key, std::move(body), std::move(next));
      },
      [this, key](const caf::error&) { answer(key, unavailable()); });
}

void query::ask(const std::string& key, const read_room& x) {
  request(registry_, answer_timeout, registry_message::find_room{x.room})
    .then(
      [this, key, x](const room_data_ptr& room) {
        if (!room)
          return answer(key, no_such_room());
        std::string body;
        if (x.summary)
          append_summary(body, *room, count_heads(*room));
        else
          append(body, *room);
        answer(key, std::move(body));
      },
      [this, key](const caf::error&) { answer(key, unavailable()); });
}

// -- messages -----------------------------------------------------------------

void query::ask(const std::string& key, const read_messages& x) {
  request(registry_, answer_timeout, x.who)
    .then(
      [this, key, page = x.query](reading_right right) {
        if (right == reading_right::no_room)
          answer(key, no_such_room());
        else if (right == reading_right::refused)
          answer(key, forbidden());
        else if (right == reading_right::held_off)
          answer(key, held_off());
        else
          read_page(key, page);
      },
      [this, key](const caf::error&) { answer(key, unavailable()); });
}

void query::read_page(const std::string& key, const page_query& page) {
  request(history_, answer_timeout, page)
    .then(
      [this, key](const message_page& x) {
        std::string body;
        // JSON has no binary values: placeholders stand where they were.
        std::vector<std::string> left_out;
        {
          object_writer object{body};
          append_array(object.raw("messages"), x.messages,
                       [&](auto& out, const message_ptr& y) {
                         append(out, *y, left_out);
                       });
          object.add("more", x.more);
        }
        answer(key, std::move(body));
      },
      [this, key](const caf::error&) { answer(key, unavailable()); });
}

// -- actors -------------------------------------------------------------------

/// Actors that are asked for their snapshots, a few at a time.
struct query::gathering {
  std::vector<runtime::actor_info> actors;
  std::vector<std::optional<actor_snapshot>> found;
  monotonic deadline{};
  std::size_t next = 0; ///< to be asked
  std::size_t under_way = 0;
  std::function<void(gathering&)> done;
};

void query::ask(const std::string& key, const read_snapshots& x) {
  auto state = std::make_shared<gathering>();
  state->actors = find_actors(directory(), x.which);
  state->done = [this, key](gathering& all) {
    // Those that ended meanwhile have nothing to show.
    std::string body;
    char separator = '[';
    for (std::size_t i = 0; i < all.found.size(); ++i) {
      if (!all.found[i])
        continue;
      body += std::exchange(separator, ',');
      append(body, all.actors[i], all.found[i]);
    }
    body += separator == '[' ? "[]" : "]";
    answer(key, std::move(body));
  };
  gather(state);
}

void query::ask(const std::string& key, const read_snapshot& x) {
  auto info = directory().find(x.actor);
  if (!info)
    return answer(key, no_such_actor());
  auto state = std::make_shared<gathering>();
  state->actors.push_back(std::move(*info));
  state->done = [this, key](gathering& all) {
    std::string body;
    append(body, all.actors.front(), all.found.front());
    answer(key, std::move(body));
  };
  gather(state);
}

void query::ask(const std::string& key, const read_metrics& x) {
  auto state = std::make_shared<gathering>();
  for (auto* kind : {"registry", "hub", "event_store", "password_keeper"})
    for (auto& actor : directory().list(kind))
      state->actors.push_back(std::move(actor));
  state->done = [this, key, write = x.write](gathering& all) {
    std::vector<actor_snapshot> found;
    for (auto& y : all.found)
      if (y)
        found.push_back(std::move(*y));
    answer(key, http::make_response(http::status::ok,
                                    "text/plain; version=0.0.4; charset=utf-8",
                                    write(std::move(found))));
  };
  gather(state);
}

void query::gather(const std::shared_ptr<gathering>& state) {
  auto now = clock_.steady_now();
  if (state->found.empty()) {
    state->found.resize(state->actors.size());
    state->deadline = now + answer_timeout;
  }
  while (state->under_way < actors_at_a_time
         && state->next < state->actors.size() && now < state->deadline) {
    auto i = state->next++;
    auto address = directory().address_of(state->actors[i].id);
    auto target = caf::actor_cast<observable_actor>(address);
    if (!target)
      continue;
    if (target.id() == id()) { // who waits for itself waits for ever
      state->found[i] = query_snapshot{requests_};
      continue;
    }
    ++state->under_way;
    request(target, state->deadline - now, get_snapshot{})
      .then(
        [this, state, i](const actor_snapshot& found) {
          state->found[i] = found;
          --state->under_way;
          gather(state);
        },
        [this, state](const caf::error&) {
          --state->under_way;
          gather(state);
        });
  }
  if (state->under_way == 0)
    state->done(*state);
}

} // namespace observer::gateway
