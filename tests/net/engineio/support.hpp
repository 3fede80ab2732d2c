#pragma once

#include "net/engineio/session.hpp"

#include <array>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace observer::engineio {

/// A session in virtual time; what it wants done stands in `log`.
struct session_fixture : session_effects {
  std::string log;
  time_point now{std::chrono::seconds{1000}};
  std::optional<session> under_test;

  session_options options;

  void start(transport first, protocol version = protocol::v4) {
    under_test.emplace(options, version, first, *this, now);
  }

  session_fixture() {
    start(transport::polling);
  }

  /// What was done since the last call.
  std::string done() {
    return std::exchange(log, {});
  }

  /// Lets time pass; wakes the session up when it asked for it.
  void wait(milliseconds time) {
    auto until = now + time;
    while (!under_test->is_closed() && under_test->deadline() <= until) {
      now = under_test->deadline();
      under_test->on_time(now);
    }
    now = until;
  }

  void poll() {
    tell(under_test->on_poll(now));
  }

  std::list<std::string> bodies; ///< of POSTs: what is held is read later

  void post(std::string payload, bool binary = false) {
    bodies.push_back(std::move(payload));
    tell(under_test->on_post(bodies.back(), binary, now));
  }

  void hold(bool held) {
    under_test->hold_input(held, now);
  }

  void tell(session::outcome what) {
    if (what != session::outcome::taken)
      log += what == session::outcome::held ? "held " : "refused ";
  }

  void say(const std::string& text) {
    under_test->send(outgoing::make_message(text));
  }

  void websocket_says(std::string_view text) {
    under_test->on_websocket_message(text, false, now);
  }

  void probe_says(std::string_view text) {
    under_test->on_probe_message(text, false, now);
  }

  /// A probe that was answered; if it was not, that stands in `log`.
  void probe() {
    if (!under_test->on_probe_opened(now))
      log += "no_probe ";
    probe_says("2probe");
    if (log == "probe(3probe) ")
      log.clear();
  }

  // -- session_effects --------------------------------------------------------

  std::function<void(std::string_view)> on_deliver = [](auto) {};

  void deliver(std::string_view data, bool binary) override {
    add(binary ? "deliver!" : "deliver", data);
    on_deliver(data);
  }

  void answer_poll(std::string payload) override {
    for (auto& c : payload)
      if (c == payload_separator)
        c = '|';
    add("poll", payload);
  }

  void fail_poll() override {
    log += "fail_poll ";
  }

  void answer_post() override {
    log += "post ";
  }

  void hold_websocket(engineio::hold why) override {
    constexpr std::array names{"go_on ", "hold ", "packets ", "bytes "};
    log += names.at(static_cast<std::size_t>(why));
  }

  void send_websocket(const outgoing_ptr& packets) override {
    add("ws", packets->websocket().substr(2));
  }

  void send_probe(const outgoing_ptr& packets) override {
    add("probe", packets->websocket().substr(2));
  }

  void adopt_probe() override {
    log += "adopt ";
  }

  void drop_probe(bool late) override {
    log += late ? "drop_late " : "drop ";
  }

  void closed(close_reason reason) override {
    add("closed", to_string_view(reason));
  }

  void add(std::string_view what, std::string_view data) {
    log.append(what).append("(").append(data).append(") ");
  }
};

} // namespace observer::engineio
