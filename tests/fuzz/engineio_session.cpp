/// Drives an Engine.IO session with any sequence of events. Each line of the
/// input is one: a letter, and for some of them data. Whatever comes, the
/// session keeps its word to the transport: see `transport_double`.

#include "net/engineio/session.hpp"
#include "tests/fuzz/must.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

using namespace observer::engineio;

namespace {

/// Checks that whatever the session asks for can be done.
class transport_double final : public session_effects {
public:
  void deliver(std::string_view, bool) override {
    must(!is_closed, "nothing is delivered once the session is over");
  }

  void answer_poll(std::string payload) override {
    must(poll_waiting, "only a waiting poll is answered");
    poll_waiting = false;
    must(!payload.empty(), "an answer holds a packet");
    auto packets
      = 1 + std::count(payload.begin(), payload.end(), payload_separator);
    must(packets <= 16, "an answer holds at most 16 packets");
  }

  void fail_poll() override {
    must(poll_waiting, "only a waiting poll is failed");
    poll_waiting = false;
  }

  void answer_post() override {
    must(post_held, "only a POST that was held is answered");
    post_held = false;
  }

  void hold_websocket(hold why) override {
    must(!is_closed, "input of a session that is over is of no interest");
    must(is_held == (why == hold::none), "input is held, or goes on, once");
    is_held = why != hold::none;
  }

  void send_websocket(const outgoing_ptr&) override {
    must(on_websocket && !is_closed, "only a WebSocket is sent frames");
  }

  void send_probe(const outgoing_ptr&) override {
    must(probe_open && !is_closed, "only an open probe is answered");
  }

  void adopt_probe() override {
    must(probe_open, "only an open probe takes over");
    probe_open = false;
    on_websocket = true;
  }

  void drop_probe(bool) override {
    must(probe_open, "only an open probe is dropped");
    probe_open = false;
  }

  void closed(close_reason) override {
    must(!is_closed, "a session ends once");
    is_closed = true;
    must(!poll_waiting, "no poll waits for a session that is over");
    must(!post_held, "no POST is held by a session that is over");
    must(!probe_open, "no probe outlives its session");
  }

  bool poll_waiting = false;
  bool post_held = false;
  bool on_websocket = false;
  bool probe_open = false;
  bool is_closed = false;
  bool is_held = false;
};

class driver {
public:
  driver(protocol version, transport first)
    : session_(options(), version, first, effects_, now_) {
    effects_.on_websocket = first == transport::websocket;
  }

  /// Carries one event out, if it is one that the transport could bring.
  void run(std::string_view line) {
    if (line.empty() || effects_.is_closed)
      return;
    auto data = line.substr(1);
    switch (line.front()) {
      case 'm':
        session_.send(outgoing::make_message(std::string(data.size(), 'x')));
        break;
      case 'a': {
        std::vector<std::string> attachments(data.size() % 4);
        session_.send(outgoing::make_message({}, attachments));
        break;
      }
      case 'c':
        session_.close(data.empty()      ? close_reason::server_close
                       : data.size() > 1 ? close_reason::going_away
                                         : close_reason::slow_reader);
        break;
      case 'h':
        session_.hold_input(!data.empty(), now_);
        break;
      case 't':
        wait(data);
        break;
      default:
        effects_.on_websocket ? run_websocket(line.front(), data)
                              : run_polling(line.front(), data);
        run_probe(line.front(), data);
    }
    must(session_.is_closed() == effects_.is_closed,
         "who asks is told what the transport was");
    must(effects_.is_closed || session_.holds_input() == effects_.is_held,
         "who asks is told whether input is held");
  }

private:
  static const session_options& options() {
    static const session_options result{
      .ping_interval = milliseconds{300},
      .ping_timeout = milliseconds{200},
      .upgrade_timeout = milliseconds{400},
      .rates = {
        .packets = {20, 4}, .bytes = {100, 50}, .patience = milliseconds{500}}};
    return result;
  }

  void run_polling(char event, std::string_view data) {
    if (event == 'p') {
      auto duplicate = effects_.poll_waiting;
      effects_.poll_waiting = true;
      auto outcome = session_.on_poll(now_);
      must((outcome == session::outcome::refused) == duplicate,
           "a second poll is refused, a first is not");
    } else if (event == 'x' && effects_.poll_waiting) {
      effects_.poll_waiting = false; // there is nobody to answer
      session_.on_poll_lost();
    } else if (event == 'P') {
      auto second = effects_.post_held;
      auto outcome = session_.on_post(data, false, now_);
      must((outcome == session::outcome::refused) == second,
           "a POST behind one that is held is refused, others are not");
      effects_.post_held = outcome == session::outcome::held;
    }
  }

  void run_websocket(char event, std::string_view data) {
    if (event == 'w' && !effects_.is_held)
      session_.on_websocket_message(data, false, now_);
    else if (event == 'b' && !effects_.is_held)
      session_.on_websocket_message(data, true, now_);
    else if (event == 'W')
      session_.on_websocket_closed();
  }

  void run_probe(char event, std::string_view data) {
    if (event == 'o' && !effects_.is_closed) {
      auto could = !effects_.probe_open && !effects_.on_websocket;
      auto opened = session_.on_probe_opened(now_);
      must(opened == could, "one WebSocket at a time may take over");
      effects_.probe_open = effects_.probe_open || opened;
    } else if (effects_.probe_open && event == 'u') {
      session_.on_probe_message(data, false, now_);
    } else if (effects_.probe_open && event == 'U') {
      effects_.probe_open = false;
      session_.on_probe_closed();
    }
  }

  /// Lets some milliseconds pass; the session is called when it asked for it.
  void wait(std::string_view number) {
    unsigned passed = 0;
    std::from_chars(number.data(), number.data() + number.size(), passed);
    auto until = now_ + milliseconds{passed % 2000};
    while (!effects_.is_closed && session_.deadline() <= until) {
      auto due = session_.deadline();
      must(due >= now_, "a deadline is not in the past");
      now_ = due;
      session_.on_time(now_);
      must(effects_.is_closed || session_.deadline() > due,
           "time that was dealt with is over");
    }
    now_ = until;
  }

  transport_double effects_;
  time_point now_{std::chrono::seconds{1}};
  session session_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  std::string_view in{reinterpret_cast<const char*>(data), size};
  driver under_test{in.starts_with('3') ? protocol::v3 : protocol::v4,
                    in.starts_with('W') ? transport::websocket
                                        : transport::polling};
  while (!in.empty()) {
    auto end = std::min(in.find('\n'), in.size());
    under_test.run(in.substr(0, end));
    in.remove_prefix(std::min(end + 1, in.size()));
  }
  return 0;
}
