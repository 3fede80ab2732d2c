#include "net/gateway/model_json.hpp"

#include "net/gateway/json_writer.hpp"
#include "net/socketio/packet.hpp"

namespace observer::gateway {

namespace {

/// Adds `by` to the number of every placeholder in `value`.
void shift_placeholders(boost::json::value& value, std::int64_t by) {
  if (auto* array = value.if_array()) {
    for (auto& element : *array)
      shift_placeholders(element, by);
  } else if (socketio::is_placeholder(value)) {
    auto& num = value.get_object()["num"];
    num = num.to_number<std::int64_t>() + by;
  } else if (auto* object = value.if_object()) {
    for (auto& member : *object)
      shift_placeholders(member.value(), by);
  }
}

} // namespace

std::string_view name_of(role x) {
  switch (x) {
    case role::host:
      return "host";
    case role::observer:
      return "observer";
    default:
      return "participant";
  }
}

std::string_view name_of(presence x) {
  return x == presence::online ? "online" : "offline";
}

std::string_view name_of(leave_reason x) {
  switch (x) {
    case leave_reason::kicked:
      return "kicked";
    case leave_reason::timeout:
      return "timeout";
    default:
      return "left";
  }
}

std::string_view name_of(close_reason x) {
  switch (x) {
    case close_reason::empty:
      return "empty";
    case close_reason::failed:
      return "failed";
    default:
      return "closed";
  }
}

namespace {

void add_fields(object_writer& object, const user& x) {
  object.add("id", x.id);
  object.add("name", x.name);
  object.add("role", name_of(x.role));
  object.add("status", name_of(x.status));
}

} // namespace

void append(std::string& out, const user& x) {
  object_writer object{out};
  add_fields(object, x);
  object.add("joined_at", x.joined_at);
  if (x.muted)
    object.add("muted", true);
}

namespace {

/// @param members appends who is in it.
template <class F>
void append_room(std::string& out, const room_data& x, F members) {
  object_writer object{out};
  object.add("room_id", x.id);
  object.add("name", x.name);
  append(object.raw("host"), x.host);
  members(object);
  object.add("locked", x.locked);
  object.add("has_password", x.has_password);
  object.add("capacity", x.capacity);
  object.add("created_at", x.created_at);
  object.add("last_seq", x.last_seq);
}

void add_counts(object_writer& object, const head_count& heads) {
  object_writer counts{object.raw("counts")};
  counts.add("participants", heads.participants);
  counts.add("observers", heads.observers);
  counts.add("online", heads.online);
}

} // namespace

void append(std::string& out, const user_row& x) {
  object_writer object{out};
  add_fields(object, x.user);
  object.add("room_id", x.room);
}

void append(std::string& out, const author& x) {
  object_writer object{out};
  object.add("id", x.id);
  object.add("name", x.name);
}

void append(std::string& out, const room_data& x) {
  append_room(out, x, [&](object_writer& object) {
    append_array(object.raw("participants"), x.participants,
                 [](auto& to, const user& y) { append(to, y); });
    if (x.heads) {
      object.add("participants_more", true);
      add_counts(object, *x.heads);
    }
  });
}

void append_summary(std::string& out, const room_data& x,
                    const head_count& heads) {
  append_room(out, x,
              [&](object_writer& object) { add_counts(object, heads); });
}

void append(std::string& out, const message& x,
            std::vector<std::string>& attachments) {
  object_writer object{out};
  append_message_id(object.raw("id"), x.room, x.seq);
  object.add("room_id", x.room);
  object.add("seq", x.seq);
  append(object.raw("from"), x.from);
  object.add("text", x.text);
  if (x.data)
    append(object.raw("data"), *x.data, attachments);
  if (x.to)
    object.add("to", *x.to);
  object.add("sent_at", x.sent_at);
}

void append(std::string& out, const payload& x,
            std::vector<std::string>& attachments) {
  if (x.attachments.empty() || attachments.empty()) {
    out += x.json;
  } else {
    // Not the first binary value of the packet: its number moves.
    auto value = socketio::parse_json(x.json, {.depth = 128}).value();
    shift_placeholders(value, static_cast<std::int64_t>(attachments.size()));
    socketio::append_json(out, value);
  }
  attachments.insert(attachments.end(), x.attachments.begin(),
                     x.attachments.end());
}

} // namespace observer::gateway
