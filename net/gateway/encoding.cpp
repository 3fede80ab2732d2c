#include "net/gateway/encoding.hpp"

#include "net/gateway/json_writer.hpp"
#include "net/gateway/model_json.hpp"
#include "net/socketio/encoding.hpp"

#include <fmt/format.h>

#include <charconv>

namespace observer::gateway {

namespace {

constexpr std::string_view root = "/";

/// Of an event that is larger, no memory is kept for the next one.
constexpr std::size_t kept_bytes = std::size_t{64} * 1024;

/// Longer than the offset of a client in a thousand rooms.
constexpr std::size_t max_offset = 64 * 1024;

/// Writes the payload of one client event; says its name.
struct event_writer {
  std::string& out;
  std::vector<std::string>& attachments;

  std::string_view operator()(const client_event::room_data& x) const {
    append(out, *x.room);
    return "room_data";
  }

  std::string_view operator()(const client_event::room_changed& x) const {
    object_writer object{out};
    object.add("room_id", x.room);
    if (x.name)
      object.add("name", *x.name);
    if (x.locked)
      object.add("locked", *x.locked);
    if (x.has_password)
      object.add("has_password", *x.has_password);
    if (x.capacity)
      object.add("capacity", *x.capacity);
    return "room_changed";
  }

  std::string_view operator()(const client_event::user_joined& x) const {
    object_writer object{out};
    object.add("room_id", x.room);
    append(object.raw("user"), x.user);
    return "user_joined";
  }

  std::string_view operator()(const client_event::user_left& x) const {
    object_writer object{out};
    object.add("room_id", x.room);
    append(object.raw("user"), x.user);
    object.add("reason", name_of(x.reason));
    return "user_left";
  }

  std::string_view operator()(const client_event::user_status& x) const {
    object_writer object{out};
    object.add("room_id", x.room);
    append(object.raw("user"), x.user);
    return "user_status";
  }

  std::string_view operator()(const client_event::user_updated& x) const {
    object_writer object{out};
    object.add("room_id", x.room);
    append(object.raw("user"), x.user);
    object.add("muted", x.muted);
    return "user_updated";
  }

  std::string_view operator()(const client_event::host_changed& x) const {
    object_writer object{out};
    object.add("room_id", x.room);
    append(object.raw("host"), x.host);
    return "host_changed";
  }

  std::string_view operator()(const client_event::message& x) const {
    append(out, *x.content, attachments);
    return "message";
  }

  std::string_view operator()(const client_event::activity& x) const {
    object_writer object{out};
    object.add("room_id", x.room);
    append(object.raw("from"), x.from);
    object.add("kind", x.kind);
    if (x.data)
      append(object.raw("data"), *x.data, attachments);
    object.add("at", x.at);
    return "activity";
  }

  std::string_view operator()(const client_event::kicked& x) const {
    object_writer object{out};
    object.add("room_id", x.room);
    object.add("reason", x.reason);
    return "kicked";
  }

  std::string_view operator()(const client_event::room_closed& x) const {
    object_writer object{out};
    object.add("room_id", x.room);
    object.add("reason", name_of(x.reason));
    return "room_closed";
  }
};

/// Writes what an ack says besides `ok`.
struct reply_writer {
  object_writer& object;
  std::vector<std::string>& attachments;

  void operator()(const failure& x) const {
    object_writer error{object.raw("error")};
    error.add("code", to_string_view(x.code));
    error.add("message", x.message);
  }

  void operator()(const success&) const {
    // `ok` says it all.
  }

  void operator()(const entered& x) const {
    object.add("room_id", x.room);
    object.add("user_id", x.user);
    if (!x.token.empty())
      object.add("token", x.token);
    if (x.page)
      (*this)(*x.page);
  }

  void operator()(const posted& x) const {
    append_message_id(object.raw("id"), x.room, x.seq);
    object.add("seq", x.seq);
    object.add("sent_at", x.sent_at);
  }

  void operator()(const message_page& x) const {
    add_messages(x);
    object.add("more", x.more);
  }

  void operator()(const member_page& x) const {
    append_array(object.raw("participants"), x.members,
                 [](auto& to, const user& y) { append(to, y); });
    object.add("more", x.more);
  }

  void add_messages(const message_page& page) const {
    append_array(object.raw("messages"), page.messages,
                 [&](auto& out, const message_ptr& x) {
                   append(out, *x, attachments);
                 });
  }
};

} // namespace

std::string to_offset(const heard_so_far& heard) {
  auto& id = heard.last;
  auto result = fmt::format("{}.{}.{:x}.{}", to_number(id.room), id.rev,
                            id.life, id.number);
  for (auto& x : heard.others)
    fmt::format_to(std::back_inserter(result), ",{}.{}", to_number(x.room),
                   x.rev);
  return result;
}

namespace {

/// Takes numbers off an offset, each with what must stand behind it.
class offset_reader {
public:
  explicit offset_reader(std::string_view offset)
    : at_(offset.data()),
      end_(at_ + offset.size()) {
  }

  [[nodiscard]] bool at_end() const noexcept {
    return at_ == end_;
  }

  template <class T>
  bool number(T& x, int base = 10) {
    auto [stop, error] = std::from_chars(at_, end_, x, base);
    at_ = stop;
    return error == std::errc{};
  }

  bool character(char c) {
    return at_ != end_ && *at_++ == c;
  }

private:
  const char* at_;
  const char* end_;
};

bool read(offset_reader& in, room_position& x) {
  std::int64_t room = 0;
  auto good = in.number(room) && in.character('.') && in.number(x.rev);
  x.room = room_id{room};
  return good;
}

} // namespace

std::optional<heard_so_far> parse_offset(std::string_view offset) {
  heard_so_far result;
  offset_reader in{offset};
  room_position own;
  if (offset.size() > max_offset || !read(in, own) || !in.character('.')
      || !in.number(result.last.life, 16) || !in.character('.')
      || !in.number(result.last.number) || !result.last.is_set())
    return std::nullopt;
  result.last.room = own.room;
  result.last.rev = own.rev;
  while (!in.at_end()) {
    auto& next = result.others.emplace_back();
    if (!in.character(',') || !read(in, next))
      return std::nullopt;
  }
  return result;
}

const engineio::outgoing_ptr& wire_event::msgpack() const {
  std::call_once(packed_, [this] { msgpack_ = socketio::to_msgpack(*json_); });
  return msgpack_;
}

namespace {

engineio::outgoing_ptr pack(const wire_event::content& what,
                            std::string_view offset) {
  socketio::packet_writer out{socketio::parser::json,
                              socketio::packet_type::event,
                              root,
                              {},
                              what.attachments};
  out.add_text(what.name);
  out.add_json(what.payload);
  if (!offset.empty())
    out.add_text(offset);
  return out.finish();
}

} // namespace

frame wire_encoder::encode(const client_event::any& event,
                           const event_id& id) const {
  if (!id.is_set()) { // nobody will ask for a copy: the next event writes here
    thread_local wire_event::content scratch;
    scratch.payload.clear();
    scratch.attachments.clear();
    scratch.name
      = std::visit(event_writer{scratch.payload, scratch.attachments}, event);
    auto packets = pack(scratch, {});
    auto bytes = packets->websocket().size();
    if (bytes > kept_bytes)
      std::string{}.swap(scratch.payload); // `clear` keeps what it has
    return std::make_shared<wire_event>(id, bytes, is_room_update(event),
                                        std::move(packets));
  }
  wire_event::content what;
  what.name = std::visit(event_writer{what.payload, what.attachments}, event);
  auto packets = pack(what, to_offset({id, {}}));
  auto bytes = 2 * packets->websocket().size();
  return std::make_shared<wire_event>(id, bytes, is_room_update(event),
                                      std::move(packets), std::move(what));
}

frame wire_encoder::with_positions(
  const frame& event, const std::vector<room_position>& others) const {
  auto& shared = static_cast<const wire_event&>(*event);
  return std::make_shared<wire_event>(
    event->id(), event->bytes(), event->is_room_update(),
    pack(shared.source(), to_offset({event->id(), others})));
}

engineio::outgoing_ptr encode_ack(socketio::parser how, std::uint64_t id,
                                  const reply& result) {
  std::string answer;
  std::vector<std::string> attachments;
  {
    object_writer object{answer};
    object.add("ok", !std::holds_alternative<failure>(result));
    std::visit(reply_writer{object, attachments}, result);
  }
  socketio::packet_writer out{how, socketio::packet_type::ack, root, id,
                              attachments};
  out.add_json(answer);
  return out.finish();
}

engineio::outgoing_ptr encode_error(socketio::parser how,
                                    std::string_view event,
                                    const failure& what) {
  std::string payload;
  {
    object_writer object{payload};
    object.add("event", event);
    object.add("code", to_string_view(what.code));
    object.add("message", what.message);
  }
  socketio::packet_writer out{how, socketio::packet_type::event, root, {}};
  out.add_text("error");
  out.add_json(payload);
  return out.finish();
}

} // namespace observer::gateway
