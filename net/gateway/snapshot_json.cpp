#include "net/gateway/snapshot_json.hpp"

#include "net/gateway/json_writer.hpp"
#include "net/gateway/model_json.hpp"

namespace observer::gateway {

namespace {

struct snapshot_writer {
  std::string& out;

  void operator()(const registry_snapshot& x) const {
    object_writer object{out};
    object.add("rooms", x.rooms);
    object.add("rooms_made", x.rooms_made);
    object.add("rooms_failed", x.rooms_failed);
  }

  void operator()(const room_snapshot& x) const {
    object_writer object{out};
    object.add("sessions", x.sessions);
    object.add("waiting", x.waiting);
    object.add("messages", x.messages);
    object.add("activities", x.activities);
    if (x.room)
      append(object.raw("room"), *x.room);
  }

  void operator()(const session_snapshot& x) const {
    object_writer object{out};
    object.add("session_id", to_number(x.id));
    object.add("socket_id", x.socket_id);
    object.add("address", x.address);
    object.add("transport", x.transport);
    object.add("connected_at", x.connected_at);
    append_array(object.raw("rooms"), x.rooms,
                 [](auto& to, room_id room) { to += to_string(room); });
    object.add("requests", x.requests);
    object.add("refused", x.refused);
  }

  void operator()(const hub_snapshot& x) const {
    object_writer object{out};
    object.add("clients", x.clients);
    object.add("rooms", x.rooms);
    object.add("deliveries", x.deliveries);
  }

  void operator()(const store_snapshot& x) const {
    object_writer object{out};
    object.add("kind", x.kind);
    object.add("writable", x.writable);
    object.add("rooms", x.rooms);
    object.add("events", x.events);
    object.add("commits", x.commits);
    object.add("refused", x.refused);
  }

  void operator()(const reader_snapshot& x) const {
    object_writer object{out};
    object.add("open", x.open);
    object.add("pages", x.pages);
    object.add("passed", x.passed);
  }

  void operator()(const password_keeper_snapshot& x) const {
    object_writer object{out};
    object.add("waiting", x.waiting);
    object.add("hashed", x.hashed);
    object.add("checked", x.checked);
  }

  void operator()(const query_snapshot& x) const {
    object_writer object{out};
    object.add("requests", x.requests);
  }

  void operator()(const reviver_snapshot& x) const {
    object_writer object{out};
    object.add("under_way", x.under_way);
    object.add("revived", x.revived);
    object.add("refused", x.refused);
  }
};

} // namespace

void append(std::string& out, const runtime::actor_info& x,
            const std::optional<actor_snapshot>& snapshot) {
  object_writer object{out};
  object.add("id", x.id);
  object.add("kind", x.kind);
  object.add("name", x.label);
  object.add("loop", x.loop);
  object.add("mailbox", x.mailbox);
  object.add("handled", x.handled);
  object.add("busy_us", x.busy.count());
  object.add("state", x.state);
  {
    object_writer types{object.raw("types")};
    for (auto& [name, count] : x.types)
      append_number(types.raw_named(name), count);
  }
  append_array(object.raw("watching"), x.watching,
               [](auto& to, auto id) { to += std::to_string(id); });
  if (snapshot)
    append(object.raw("snapshot"), *snapshot);
  object.add("last_message", x.last_message);
  object.add("last_sender", x.last_sender);
  object.add("longest_us", x.longest.count());
  object.add("longest_message", x.longest_message);
}

void append(std::string& out, const runtime::raised_alarm& x,
            std::chrono::steady_clock::time_point now) {
  using std::chrono::milliseconds;
  object_writer object{out};
  auto& about = x.details;
  object.add("alarm", runtime::to_string_view(x.what));
  object.add("for_ms",
             std::chrono::duration_cast<milliseconds>(now - x.since).count());
  object.add("loop", about.loop);
  if (x.what == runtime::alarm_kind::slow_client) {
    object.add("address", about.name);
    object.add("transport", about.kind);
    object.add("bytes", about.figure);
    return;
  }
  if (about.kind.empty())
    return;
  if (x.what != runtime::alarm_kind::stuck_loop)
    object.add("actor", x.subject);
  object.add("kind", about.kind);
  object.add("name", about.name);
  object.add("message", about.message);
  object.add("sender", about.sender);
  if (x.what == runtime::alarm_kind::growing_mailbox)
    object.add("waiting", about.figure);
}

void append(std::string& out, const actor_snapshot& x) {
  std::visit(snapshot_writer{out}, x);
}

} // namespace observer::gateway
