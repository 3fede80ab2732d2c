#include "net/gateway/query_actor.hpp"

#include "net/gateway/json_writer.hpp"
#include "net/gateway/model_json.hpp"
#include "net/gateway/snapshot_json.hpp"

#include <caf/actor_cast.hpp>

#include <memory>

namespace observer::gateway {

namespace {

constexpr auto answer_timeout = std::chrono::seconds{10};

http::response unavailable() {
  return http::make_error(http::status::service_unavailable, "unavailable",
                          "the server cannot answer now");
}

http::response no_such_room() {
  return http::make_error(http::status::not_found, "room_not_found",
                          "there is no such room");
}

} // namespace

query::query(caf::actor_config& config, const runtime::placement& where,
             registry_actor registry, event_store_actor store)
  : inspectable(config, where, "query",
                where.home != nullptr
                  ? "loop " + std::to_string(where.home->index())
                  : "query"),
    registry_(std::move(registry)),
    store_(std::move(store)) {
}

query::behavior_type query::make_behavior() {
  return {
    on([this](const get_snapshot&) -> actor_snapshot {
      return query_snapshot{requests_};
    }),
    on([this](const list_rooms& x, const http::responder& respond) {
      ++requests_;
      request(registry_, answer_timeout, x)
        .then(
          [respond](const std::vector<room_data_ptr>& rooms) {
            std::string body;
            append_array(body, rooms, [](auto& out, const room_data_ptr& y) {
              append(out, *y);
            });
            respond(http::make_json(http::status::ok, std::move(body)));
          },
          [respond](const caf::error&) { respond(unavailable()); });
    }),
    on([this](const find_room& x, const http::responder& respond) {
      ++requests_;
      request(registry_, answer_timeout, x)
        .then(
          [respond](const room_data_ptr& room) {
            if (!room)
              return respond(no_such_room());
            std::string body;
            append(body, *room);
            respond(http::make_json(http::status::ok, std::move(body)));
          },
          [respond](const caf::error&) { respond(unavailable()); });
    }),
    on([this](const list_users& x, const http::responder& respond) {
      ++requests_;
      request(registry_, answer_timeout, x)
        .then(
          [respond](const std::vector<user_row>& users) {
            std::string body;
            append_array(body, users,
                         [](auto& out, const user_row& y) { append(out, y); });
            respond(http::make_json(http::status::ok, std::move(body)));
          },
          [respond](const caf::error&) { respond(unavailable()); });
    }),
    on([this](const read_messages& x, const http::responder& respond) {
      ++requests_;
      auto page = x.query;
      request(registry_, answer_timeout, find_room{page.room})
        .then(
          [this, page, respond](const room_data_ptr& room) {
            if (room)
              answer_messages(page, respond);
            else
              respond(no_such_room());
          },
          [respond](const caf::error&) { respond(unavailable()); });
    }),
    on([this](const read_snapshots& x, const http::responder& respond) {
      ++requests_;
      answer_snapshots(x, respond);
    }),
  };
}

void query::on_exit() {
  registry_ = nullptr;
  store_ = nullptr;
  inspectable::on_exit();
}

void query::answer_messages(const page_query& page,
                            const http::responder& respond) {
  request(store_, answer_timeout, page)
    .then(
      [respond](const message_page& x) {
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
        respond(http::make_json(http::status::ok, std::move(body)));
      },
      [respond](const caf::error&) { respond(unavailable()); });
}

void query::answer_snapshots(const read_snapshots& x,
                             const http::responder& respond) {
  struct gathering {
    read_snapshots wanted;
    std::vector<std::optional<actor_snapshot>> found;
    std::size_t missing = 0;
  };
  auto state = std::make_shared<gathering>();
  state->wanted = x;
  state->found.resize(x.actors.size());
  state->missing = x.actors.size() + 1;
  auto one_less = [state, respond] {
    if (--state->missing > 0)
      return;
    std::string body;
    if (state->wanted.single) {
      append(body, state->wanted.actors.front(), state->found.front());
    } else {
      // Those that ended meanwhile have nothing to show.
      char separator = '[';
      for (std::size_t i = 0; i < state->found.size(); ++i) {
        if (!state->found[i])
          continue;
        body += std::exchange(separator, ',');
        append(body, state->wanted.actors[i], state->found[i]);
      }
      body += separator == '[' ? "[]" : "]";
    }
    respond(http::make_json(http::status::ok, std::move(body)));
  };
  for (std::size_t i = 0; i < x.actors.size(); ++i) {
    auto address = directory().address_of(x.actors[i].id);
    auto target = caf::actor_cast<observable_actor>(address);
    if (!target) {
      one_less();
      continue;
    }
    if (target.id() == id()) { // who waits for itself waits for ever
      state->found[i] = query_snapshot{requests_};
      one_less();
      continue;
    }
    request(target, answer_timeout, get_snapshot{})
      .then(
        [state, i, one_less](const actor_snapshot& found) {
          state->found[i] = found;
          one_less();
        },
        [one_less](const caf::error&) { one_less(); });
  }
  one_less();
}

} // namespace observer::gateway
