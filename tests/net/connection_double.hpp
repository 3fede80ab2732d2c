#pragma once

#include "net/engineio/packet.hpp"
#include "net/transport/connection_handler.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace observer {

/// A connection without a wire, for tests of what stands on one. As a real one,
/// it tells its end only when the turn is over, which the test says.
struct connection_double final : transport::connection {
  explicit connection_double(boost::asio::io_context& loop) : queue(loop) {
  }

  // -- implementation of connection -------------------------------------------

  void send(const engineio::outgoing_ptr& packets) override {
    if (ended)
      return;
    std::string payload;
    packets->append_to_payload(payload);
    for (auto& c : payload)
      if (c == engineio::payload_separator)
        c = '|';
    sent += payload + " ";
    queued += payload.size();
    if (queued > limit)
      close(engineio::close_reason::slow_reader);
  }

  using connection::close;
  void close(engineio::close_reason reason, std::string_view) override {
    if (!ended)
      ended = reason;
  }

  void entered() override {
    // Nobody counts here.
  }

  void pause(bool) override {
    // Nothing is read here.
  }

  [[nodiscard]] std::size_t queued_bytes() const override {
    return queued;
  }

  [[nodiscard]] engineio::transport transport() const override {
    return engineio::transport::websocket;
  }

  [[nodiscard]] engineio::protocol version() const override {
    return engineio::protocol::v4;
  }

  [[nodiscard]] const http::request* carrier() const override {
    return nullptr;
  }

  [[nodiscard]] bool hold(std::size_t bytes) override {
    held = bytes;
    return held <= may_hold;
  }

  [[nodiscard]] transport::connection_life life() const override {
    return {};
  }

  [[nodiscard]] const std::string& address() const override {
    return where;
  }

  [[nodiscard]] io::timer_queue& timers() override {
    return queue;
  }

  // -- what the test does -----------------------------------------------------

  /// The client says something, and the turn ends.
  void says(std::string_view text, bool binary = false) {
    if (handler && !ended)
      handler->on_message(text, binary);
    end_turn();
  }

  /// The connection ends, and so does the turn.
  void breaks(engineio::close_reason reason
              = engineio::close_reason::transport_close) {
    close(reason);
    end_turn();
  }

  void end_turn() {
    if (ended)
      if (auto last = std::exchange(handler, nullptr))
        last->on_closed(*ended);
  }

  /// What was sent since the last call, as polling payloads.
  std::string heard() {
    return std::exchange(sent, {});
  }

  io::timer_queue queue;
  std::shared_ptr<transport::connection_handler> handler;
  std::string where = "192.0.2.1";
  std::string sent;
  std::size_t queued = 0; ///< nobody reads
  std::size_t held = 0;
  std::size_t may_hold = std::numeric_limits<std::size_t>::max();
  std::size_t limit = std::numeric_limits<std::size_t>::max();
  std::optional<engineio::close_reason> ended;
};

} // namespace observer
