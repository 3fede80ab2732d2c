#include "tests/conformance/fixture.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <fmt/chrono.h>

#include <algorithm>
#include <any>
#include <cctype>

namespace observer::conformance {

namespace json = boost::json;

namespace {

using std::chrono::milliseconds;

constexpr auto ack_timeout = std::chrono::seconds{10};

std::string iso_now() {
  auto now = std::chrono::system_clock::now();
  auto ms = std::chrono::duration_cast<milliseconds>(now.time_since_epoch());
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                     ms.count() % 1000);
}

json::object query_of(const sio::handshake& said) {
  json::object result;
  for (auto& [name, value] : said.query)
    result.emplace(name, value);
  return result;
}

json::object headers_of(const boost::beast::http::fields& fields) {
  json::object result;
  for (auto& field : fields) {
    std::string name{field.name_string()};
    for (auto& c : name)
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    result.emplace(name, json::string{field.value()});
  }
  return result;
}

/// As `socket.handshake` of Node's server.
json::object show(const sio::handshake& said) {
  auto ms
    = std::chrono::duration_cast<milliseconds>(said.issued.time_since_epoch());
  return {{"headers", headers_of(said.headers)},
          {"time", iso_now()},
          {"address", said.address},
          {"xdomain", said.headers.count("Origin") > 0},
          {"secure", false},
          {"issued", ms.count()},
          {"url", said.target},
          {"query", query_of(said)},
          {"auth", said.auth}};
}

bool is_truthy(const json::value& x) {
  if (const auto* text = x.if_string())
    return !text->empty();
  if (const auto* flag = x.if_bool())
    return *flag;
  if (x.is_number())
    return x.to_number<double>() != 0;
  return !x.is_null();
}

/// Whether `value` holds an attachment at its front level or one below.
bool has_bytes(const sio::message& said, const json::value& value) {
  if (said.bytes_of(value) != nullptr)
    return true;
  const auto* object = value.if_object();
  return object != nullptr
         && std::any_of(object->begin(), object->end(), [&](auto& member) {
              return said.bytes_of(member.value()) != nullptr;
            });
}

// -- /socket.io/ --------------------------------------------------------------

using sio::ack;
using sio::message;
using sio::nsp;
using sio::socket;

sio::connect_check refuse(std::string message) {
  return [message](const sio::handshake&) -> std::optional<sio::refusal> {
    return sio::refusal{message, nullptr};
  };
}

message with_bytes(std::string bytes) {
  message result;
  auto stand_in = result.attach(std::move(bytes));
  result.arguments.push_back(std::move(stand_in));
  return result;
}

void get_id(socket& from, message&, ack answer) {
  answer(message{from.id()});
}

void add_texts(nsp& root) {
  root.on("hi", [](socket& from, message&, const ack&) { from.emit("hi", {}); })
    .on("echo", [](socket&, message& said, ack answer) { answer(said); })
    .on("getUtf8",
        [](socket& from, message&, const ack&) {
          for (const auto* text : {"てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß",
                                   "utf8 — string", "utf8 — string"})
            from.emit("takeUtf8", message{text});
        })
    .on("false", [](socket& from, message&, const ack&) {
      from.emit("false", message{false});
    });
}

void add_dates(nsp& root) {
  root
    .on("getAckDate",
        [](socket&, message&, ack answer) { answer(message{iso_now()}); })
    .on("getDate",
        [](socket& from, message&, const ack&) {
          from.emit("takeDate", message{iso_now()});
        })
    .on("getDateObj", [](socket& from, message&, const ack&) {
      from.emit("takeDateObj", message{json::object{{"date", iso_now()}}});
    });
}

void add_binary(nsp& root) {
  root
    .on("doge", [](socket& from, message&,
                   const ack&) { from.emit("doge", with_bytes("asdfasdf")); })
    .on("getbin",
        [](socket& from, message&, const ack&) {
          from.emit("takebin", with_bytes("asdfasdf"));
        })
    .on("buffa",
        [](socket& from, message& said, const ack&) {
          if (has_bytes(said, said.at(0)))
            from.emit("buffack", {});
        })
    .on("jsonbuff",
        [](socket& from, message& said, const ack&) {
          const auto* object = said.at(0).if_object();
          if (object != nullptr && object->contains("hello")
              && object->contains("goodbye") && has_bytes(said, said.at(0)))
            from.emit("jsonbuff-ack", {});
        })
    .on("abuff1", [](socket& from, message& said,
                     const ack&) { from.data = has_bytes(said, said.at(0)); })
    .on("abuff2", [](socket& from, message&, const ack&) {
      const auto* first = std::any_cast<bool>(&from.data);
      if (first != nullptr && *first)
        from.emit("abuff2-ack", {});
    });
}

void add_acks(nsp& root) {
  root
    .on("ack",
        [](socket& from, message&, const ack&) {
          from.emit("ack", {}, ack_timeout,
                    [weak = from.weak_from_this()](auto answer) {
                      auto to = weak.lock();
                      if (!to || !answer || answer->at(0) != 5)
                        return;
                      const auto* object = answer->at(1).if_object();
                      const auto* test = object != nullptr
                                           ? object->if_contains("test")
                                           : nullptr;
                      if (test != nullptr && is_truthy(*test))
                        to->emit("got it", {});
                    });
        })
    .on("getHandshake",
        [](socket& from, message&, ack answer) {
          answer(message{show(from.handshake())});
        })
    .on("getId", get_id);
}

/// `/room-1`, `/room-2`, ...: for our own tests, what the suites do not use.
bool is_room(std::string_view name) {
  constexpr std::string_view prefix = "/room-";
  return name.starts_with(prefix) && name.size() > prefix.size()
         && std::all_of(name.begin() + prefix.size(), name.end(),
                        [](unsigned char c) { return std::isdigit(c) != 0; });
}

void add_rooms(sio::server& io) {
  io.of(is_room)
    .on("where", [](socket& from, message&,
                    ack answer) { answer(message{from.handshake().nsp}); })
    // Asks the client, and says what it answered; null: nothing in time.
    .on("ask",
        [](socket& from, message& said, const ack&) {
          from.emit("asked", said, milliseconds{200},
                    [weak = from.weak_from_this()](auto answer) {
                      if (auto to = weak.lock())
                        to->emit("heard",
                                 message{answer ? answer->at(0)
                                                : json::value(nullptr)});
                    });
        })
    // That many events of 1 KiB that may be lost, and one that may not.
    .on("tick", [](socket& from, message& said, const ack&) {
      auto count = said.at(0).to_number<int>();
      for (int i = 0; i < count; ++i)
        from.emit_volatile("ticked", message{i, std::string(1024, 'x')});
      from.emit("ticked all", message{count});
    });
}

void add_namespaces(sio::server& io) {
  auto& root = io.of("/");
  root.on_connect([](const sio::handshake& said) {
    return said.find_query("fail") != nullptr
             ? std::optional{sio::refusal{"Auth failed (main namespace)",
                                          nullptr}}
             : std::nullopt;
  });
  add_texts(root);
  add_dates(root);
  add_binary(root);
  add_acks(root);
  io.of("/foo").on("getId", get_id);
  io.of("/abc").on_connection([](socket& client) {
    client.emit("handshake",
                message{json::object{{"query", query_of(client.handshake())},
                                     {"auth", client.handshake().auth}}});
  });
  for (const auto* name : {"/asd", "/valid", "/timeout_socket"})
    io.of(name);
  io.of("/no").on_connect(refuse("Auth failed (custom namespace)"));
  add_rooms(io);
}

// -- /engine.io/ --------------------------------------------------------------

class engine_client final : public echo {
public:
  using echo::echo;

  void on_open() override {
    reply("hi", false);
  }

  void on_message(std::string_view data, bool binary) override {
    using namespace std::string_view_literals;
    if (data == "give binary")
      reply("\0\1\2\3\4"sv, true);
    else if (data == "give utf8")
      reply("пойду спать всем спокойной ночи", false);
    else if (data == "sendHeaders" && connection_.carrier() != nullptr)
      reply(json::serialize(headers_of(*connection_.carrier())), false);
    else
      reply(data, binary);
  }
};

bool has_query(const http::request& request, std::string_view name) {
  auto url = boost::urls::parse_origin_form(request.target());
  return url && url->params().contains(name);
}

void admit(const http::request& request,
           const std::function<void(transport::admission)>& decide) {
  transport::admission verdict;
  if (has_query(request, "deny"))
    verdict.refused = engineio::refusal::forbidden;
  verdict.headers = {
    {"Set-Cookie", "1=1; Max-Age=86400"},
    {"Set-Cookie", "2=2; Path=/; HttpOnly; Secure; SameSite=Strict"},
    {"Set-Cookie", "3=3; Max-Age=0"},
    {"Set-Cookie", fmt::format("4=4; Expires={:%a, %d %b %Y %H:%M:%S} GMT",
                               fmt::gmtime(std::chrono::system_clock::to_time_t(
                                 std::chrono::system_clock::now())))}};
  decide(verdict);
}

transport::options small_payloads(const variants& how) {
  auto result = open_to_all(how);
  result.engine.ping_interval = milliseconds{500};
  result.engine.max_payload = 100;
  return result;
}

transport::options short_pings(const variants& how) {
  auto result = open_to_all(how);
  result.engine.ping_interval = milliseconds{2000};
  return result;
}

sio::server_options with_recovery() {
  sio::server_options result;
  result.recovery.emplace();
  return result;
}

/// Lets everybody in, but not at once.
transport::admission_check after(net::io_context& loop, milliseconds delay) {
  return [&loop, delay](const http::request&, const auto& decide) {
    auto timer = std::make_shared<net::steady_timer>(loop, delay);
    timer->async_wait([timer, decide](auto) { decide({}); });
  };
}

class clients_fixture final : public fixture {
public:
  clients_fixture(net::io_context& loop, const ports& where,
                  const variants& how)
    : io_(loop, with_recovery()) {
    add_namespaces(io_);
    socket_front_.emplace(
      loop, short_pings(how),
      std::vector{io_.at("/socket.io/", after(loop, milliseconds{10}))},
      where.socket);
    auto make_client = [](transport::connection& below, const http::request&) {
      return std::make_shared<engine_client>(below);
    };
    engine_front_.emplace(
      loop, small_payloads(how),
      std::vector{transport::endpoint{"/engine.io/", make_client, admit}},
      where.engine);
  }

  void close() override {
    socket_front_->close();
    engine_front_->close();
    io_.close();
  }

private:
  sio::server io_;
  std::optional<front> socket_front_;
  std::optional<front> engine_front_;
};

} // namespace

std::unique_ptr<fixture> make_clients_fixture(net::io_context& loop,
                                              const ports& where,
                                              const variants& how) {
  return std::make_unique<clients_fixture>(loop, where, how);
}

} // namespace observer::conformance
