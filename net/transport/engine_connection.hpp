#pragma once

#include "net/transport/connection_handler.hpp"
#include "net/transport/door.hpp"
#include "net/transport/http_exchange.hpp"
#include "net/transport/websocket_link.hpp"
#include "net/transport/worker.hpp"

#include <memory>
#include <string>

namespace observer::transport {

/// Drives one `engineio::session`: gives it requests, WebSocket messages and
/// time, and does what it wants done. Its worker keeps it until it has closed,
/// and then until all that is under way has returned.
class engine_connection final
  : public connection,
    public engineio::session_effects,
    public websocket_observer,
    public std::enable_shared_from_this<engine_connection> {
public:
  engine_connection(worker& host, const endpoint& entered,
                    engineio::protocol version, engineio::transport first,
                    std::string address, door::visitor who);
  ~engine_connection() override;

  // -- what comes in ----------------------------------------------------------

  /// Opens the session by polling; `exchange` gets the handshake.
  void open_polling(const http_exchange_ptr& exchange,
                    const header_fields& headers);

  /// Opens the session on a WebSocket.
  void open_websocket(raw_connection from, const http::request& request,
                      const header_fields& headers);

  /// Where the session was opened. It exists at that endpoint only.
  [[nodiscard]] const endpoint& opened_at() const noexcept {
    return endpoint_;
  }

  /// GET of an open session.
  void poll(const http_exchange_ptr& exchange);

  /// POST of an open session.
  void post(const http_exchange_ptr& exchange);

  /// A WebSocket wants to take the session over.
  void probe(raw_connection from, const http::request& request);

  // -- implementation of connection -------------------------------------------

  void send(const engineio::outgoing_ptr& packets) override;
  using connection::close;
  void close(engineio::close_reason reason, std::string_view detail) override;
  void entered() override;
  void pause(bool paused) override;
  [[nodiscard]] std::size_t queued_bytes() const override;
  [[nodiscard]] engineio::transport transport() const override;
  [[nodiscard]] engineio::protocol version() const override;
  [[nodiscard]] const http::request* carrier() const override;
  [[nodiscard]] bool hold(std::size_t bytes) override;
  [[nodiscard]] const std::string& address() const override;
  [[nodiscard]] connection_life life() const override;
  [[nodiscard]] io::timer_queue& timers() override;

  // -- implementation of session_effects --------------------------------------

  void deliver(std::string_view data, bool binary) override;
  void answer_poll(std::string payload) override;
  void fail_poll() override;
  void answer_post() override;
  void hold_websocket(engineio::hold why) override;
  void send_websocket(const engineio::outgoing_ptr& packets) override;
  void send_probe(const engineio::outgoing_ptr& packets) override;
  void adopt_probe() override;
  void drop_probe(bool late) override;
  void closed(engineio::close_reason reason) override;

  // -- implementation of websocket_observer -----------------------------------

  void on_message(std::string_view data, bool binary) override;
  void on_answered() override;
  void on_closed(engineio::close_reason why) override;

private:
  /// Listens to the WebSocket that is being probed.
  struct probe_observer final : websocket_observer {
    explicit probe_observer(engine_connection& parent) : parent(parent) {
    }
    void on_message(std::string_view data, bool binary) override;
    void on_answered() override;
    void on_closed(engineio::close_reason why) override;
    engine_connection& parent;
  };

  void start(const http::request& request);
  [[nodiscard]] std::string handshake() const;
  void log_end(engineio::close_reason reason) const;
  [[nodiscard]] connection_life measure() const;
  /// @param newest bytes of the event that was queued last
  void check_queue(std::size_t newest);
  void note_backlog(std::size_t queued);
  void reschedule();

  // What each packet touches stands together.
  worker& host_;
  websocket_link_ptr websocket_;
  engineio::session session_;
  const endpoint& endpoint_;
  std::string sid_;
  std::string address_;
  door::visitor visitor_;
  std::shared_ptr<connection_handler> handler_;
  io::timer_queue::handle timer_;
  engineio::time_point timer_due_{};
  std::size_t oversized_ = 0; ///< bytes of the one event larger than the queue
  bool behind_ = false;       ///< half of the queue is unread
  http_exchange_ptr poll_;
  http_exchange_ptr post_; ///< answered late while input is paused
  const http::request* carrier_ = nullptr;
  websocket_link_ptr probe_;
  probe_observer probe_observer_{*this};
  traffic polled_; ///< payloads
  life_recorder record_;
  std::unique_ptr<const connection_life> over_; ///< once it is over
};

} // namespace observer::transport
