#include "actors/store/backend/event_json.hpp"

#include <boost/json.hpp>

#include <array>
#include <sodium.h>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace observer {

namespace {

namespace json = boost::json;

// -- names in the store -------------------------------------------------------
// They are a format: what is here may be added to, never changed.

template <class Enum, std::size_t N>
using name_table = std::array<std::pair<Enum, std::string_view>, N>;

constexpr name_table<role, 3> names(role) {
  return {{{role::host, "host"},
           {role::participant, "participant"},
           {role::observer, "observer"}}};
}

constexpr name_table<leave_reason, 3> names(leave_reason) {
  return {{{leave_reason::left, "left"},
           {leave_reason::kicked, "kicked"},
           {leave_reason::timeout, "timeout"}}};
}

constexpr name_table<close_reason, 3> names(close_reason) {
  return {{{close_reason::closed, "closed"},
           {close_reason::empty, "empty"},
           {close_reason::failed, "failed"}}};
}

/// Which fields an object has, for writing and for reading it. One that was
/// `added` later is not in older stores, and left out while it says nothing.
template <class F>
void fields(F& f, user& x) {
  f("id", x.id);
  f("name", x.name);
  f("role", x.role);
  f("joined_at", x.joined_at);
  f.added("muted", x.muted);
}

template <class F>
void fields(F& f, named_message& x) {
  f("client_id", x.client_id);
  f("seq", x.seq);
  f("sent_at", x.sent_at);
}

template <class F>
void fields(F& f, room_event::created& x) {
  f("room", x.room);
  f("name", x.name);
  f("password", x.password);
  f("capacity", x.capacity);
  f("host", x.host);
  f("token", x.host_token);
  f("at", x.at);
}

template <class F>
void fields(F& f, room_event::joined& x) {
  f("user", x.user);
  f("token", x.token);
}

template <class F>
void fields(F& f, room_event::left& x) {
  f("user", x.user);
  f("reason", x.reason);
  f("note", x.note);
}

template <class F>
void fields(F& f, room_event::banned& x) {
  f("name", x.name);
  f("token", x.token);
}

template <class F>
void fields(F& f, room_event::host_passed& x) {
  f("to", x.to);
}

template <class F>
void fields(F& f, room_event::muted& x) {
  f("user", x.user);
  f("muted", x.muted);
}

template <class F>
void fields(F& f, room_event::configured& x) {
  f("name", x.name);
  f("locked", x.locked);
  f("password", x.password);
  f("capacity", x.capacity);
}

template <class F>
void fields(F& f, room_event::closed& x) {
  f("reason", x.reason);
}

template <class F>
void fields(F& f, room_event::seated& x) {
  f("user", x.user);
  f("session", x.session);
}

template <class F>
void fields(F& f, room_event::restored::place& x) {
  f("user", x.user);
  f("token", x.token);
  f("muted", x.muted);
  f("named", x.named);
}

template <class F>
void fields(F& f, room_event::restored& x) {
  f("room", x.room);
  f("name", x.name);
  f("password", x.password);
  f("capacity", x.capacity);
  f("locked", x.locked);
  f("closed", x.closed);
  f("created_at", x.created_at);
  f("last_seq", x.last_seq);
  f("host", x.host);
  f("places", x.places);
  f("banned_names", x.banned_names);
  f("banned_tokens", x.banned_tokens);
  f.added("muted_names", x.muted_names);
  f("newest", x.newest);
}

/// Calls `f` with the name and an example of each event that is kept as JSON.
template <class F>
void for_each_kept_event(F f) {
  f("created", room_event::created{});
  f("joined", room_event::joined{});
  f("left", room_event::left{});
  f("banned", room_event::banned{});
  f("host_passed", room_event::host_passed{});
  f("muted", room_event::muted{});
  f("configured", room_event::configured{});
  f("closed", room_event::closed{});
  f("seated", room_event::seated{});
  f("restored", room_event::restored{});
}

// -- values -------------------------------------------------------------------

json::value encode(bool x) {
  return x;
}

json::value encode(const std::string& x) {
  return json::value(x);
}

json::value encode(timestamp x) {
  return x.time_since_epoch().count();
}

json::value encode(const token_hash& x) {
  std::array<char, 2 * std::tuple_size_v<token_hash> + 1> hex{};
  sodium_bin2hex(hex.data(), hex.size(), x.data(), x.size());
  return json::value(hex.data());
}

template <class T>
json::value encode(const T& x);

/// Nothing is not written. A password that was taken away is something: null.
template <class T>
json::value encode(const std::optional<T>& x) {
  return x ? encode(*x) : json::value(nullptr);
}

template <class T>
json::value encode(const std::vector<T>& x) {
  json::array result;
  result.reserve(x.size());
  for (auto& y : x)
    result.push_back(encode(y));
  return result;
}

struct field_writer {
  json::object& out;

  template <class T>
  void operator()(std::string_view name, const T& x) {
    out.emplace(name, encode(x));
  }

  template <class T>
  void operator()(std::string_view name, const std::optional<T>& x) {
    if (x)
      out.emplace(name, encode(*x));
  }

  template <class T>
  void added(std::string_view name, const T& x) {
    if (x != T{})
      (*this)(name, x);
  }
};

template <class T>
json::value encode(const T& x) {
  if constexpr (std::is_integral_v<T>) {
    return x;
  } else if constexpr (requires { to_number(x); }) {
    return to_number(x);
  } else if constexpr (std::is_enum_v<T>) {
    for (auto& [value, name] : names(T{}))
      if (value == x)
        return json::value(name);
    throw std::runtime_error("an enumerator without a name");
  } else {
    json::object result;
    field_writer write{result};
    fields(write, const_cast<T&>(x)); // only read
    return result;
  }
}

void decode(const json::value& in, bool& x) {
  x = in.as_bool();
}

void decode(const json::value& in, std::string& x) {
  x = in.as_string();
}

void decode(const json::value& in, timestamp& x) {
  x = timestamp{std::chrono::milliseconds{in.to_number<std::int64_t>()}};
}

void decode(const json::value& in, token_hash& x) {
  auto& hex = in.as_string();
  std::size_t length = 0;
  if (sodium_hex2bin(x.data(), x.size(), hex.data(), hex.size(), nullptr,
                     &length, nullptr)
        != 0
      || length != x.size())
    throw std::runtime_error("not a token hash");
}

template <class T>
void decode(const json::value& in, T& x);

template <class T>
void decode(const json::value& in, std::optional<T>& x) {
  if (in.is_null())
    x.reset();
  else
    decode(in, x.emplace());
}

template <class T>
void decode(const json::value& in, std::vector<T>& x) {
  x.clear();
  for (auto& y : in.as_array())
    decode(y, x.emplace_back());
}

struct field_reader {
  const json::object& in;

  template <class T>
  void operator()(std::string_view name, T& x) {
    decode(in.at(name), x);
  }

  template <class T>
  void operator()(std::string_view name, std::optional<T>& x) {
    x.reset();
    if (const auto* value = in.if_contains(name))
      decode(*value, x.emplace());
  }

  template <class T>
  void added(std::string_view name, T& x) {
    x = T{};
    if (const auto* value = in.if_contains(name))
      decode(*value, x);
  }
};

template <class T>
void decode(const json::value& in, T& x) {
  if constexpr (std::is_integral_v<T>) {
    x = in.to_number<T>();
  } else if constexpr (requires { to_number(x); }) {
    x = T{in.to_number<std::underlying_type_t<T>>()};
  } else if constexpr (std::is_enum_v<T>) {
    for (auto& [value, name] : names(T{}))
      if (name == in.as_string()) {
        x = value;
        return;
      }
    throw std::runtime_error("an unknown name");
  } else {
    field_reader read{in.as_object()};
    fields(read, x);
  }
}

/// Text of clients may hold lone surrogates, which are no UTF-8.
json::value parse(std::string_view text) {
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  options.max_depth = 64;
  return json::parse(text, {}, options);
}

// -- events -------------------------------------------------------------------

struct event_writer {
  json::object operator()(const room_event::posted& x) const {
    auto& content = *x.content;
    json::object out{{"event", "posted"},
                     {"seq", content.seq},
                     {"from", encode(content.from.id)},
                     {"name", content.from.name},
                     {"text", content.text},
                     {"sent_at", encode(content.sent_at)}};
    if (content.to)
      out["to"] = encode(*content.to);
    if (content.data && !content.data->attachments.empty())
      out["attachments"] = content.data->attachments.size();
    if (!x.client_id.empty())
      out["client_id"] = x.client_id;
    return out;
  }

  json::object operator()(const room_event::connection_lost& x) const {
    return {{"event", "connection_lost"}, {"user", encode(x.user)}};
  }

  json::object operator()(const room_event::connection_found& x) const {
    return {{"event", "connection_found"}, {"user", encode(x.user)}};
  }

  template <class T>
  json::object operator()(const T& x) const {
    json::object out;
    for_each_kept_event([&]<class U>(std::string_view name, const U&) {
      if constexpr (std::is_same_v<T, U>)
        out.emplace("event", name);
    });
    field_writer write{out};
    fields(write, const_cast<T&>(x)); // only read
    return out;
  }
};

} // namespace

json::object to_json(const room_event::any& event) {
  return std::visit(event_writer{}, event);
}

room_event::any event_from_json(std::string_view text) {
  auto in = parse(text);
  auto& object = in.as_object();
  auto& type = object.at("event").as_string();
  std::optional<room_event::any> result;
  for_each_kept_event([&]<class T>(std::string_view name, T x) {
    if (name != type)
      return;
    field_reader read{object};
    fields(read, x);
    result = std::move(x);
  });
  if (!result)
    throw std::runtime_error("no such event");
  return std::move(*result);
}

} // namespace observer
