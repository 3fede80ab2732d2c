#pragma once

#include "net/transport/connection_handler.hpp"
#include "net/transport/http_exchange.hpp"
#include "net/transport/websocket_link.hpp"
#include "net/transport/worker.hpp"

#include <memory>
#include <string>

namespace observer::transport {

/// Drives one `engineio::session`: gives it requests, WebSocket messages and
/// time, and does what it wants done.
class engine_connection final
  : public connection,
    public engineio::session_effects,
    public websocket_observer,
    public std::enable_shared_from_this<engine_connection> {
public:
  engine_connection(worker& host, std::string sid, std::string address,
                    engineio::transport first);
  ~engine_connection() override;

  // -- what comes in ----------------------------------------------------------

  /// Opens a session by polling; `exchange` gets the handshake.
  static void open_polling(worker& host, std::string address,
                           const http_exchange_ptr& exchange);

  /// Opens a session on a WebSocket.
  static void open_websocket(worker& host, std::string address,
                             tcp::socket socket, const http::request& request);

  /// GET of an open session.
  void poll(const http_exchange_ptr& exchange);

  /// POST of an open session.
  void post(const http_exchange_ptr& exchange);

  /// A WebSocket wants to take the session over.
  void probe(tcp::socket socket, const http::request& request);

  // -- implementation of connection -------------------------------------------

  void send(const engineio::outgoing_ptr& packets) override;
  void close(engineio::close_reason reason) override;
  void pause(bool paused) override;
  [[nodiscard]] std::size_t queued_bytes() const override;
  [[nodiscard]] engineio::transport transport() const override;
  [[nodiscard]] const std::string& address() const override;
  [[nodiscard]] timer_queue& timers() override;

  // -- implementation of session_effects --------------------------------------

  void deliver(std::string_view data, bool binary) override;
  void answer_poll(std::string payload) override;
  void send_websocket(const engineio::outgoing_ptr& packets) override;
  void send_probe(const engineio::outgoing_ptr& packets) override;
  void adopt_probe() override;
  void drop_probe() override;
  void closed(engineio::close_reason reason) override;

  // -- implementation of websocket_observer -----------------------------------

  void on_opened() override;
  void on_message(std::string_view data, bool binary) override;
  void on_closed() override;

private:
  /// Listens to the WebSocket that is being probed.
  struct probe_observer final : websocket_observer {
    explicit probe_observer(engine_connection& parent) : parent(parent) {
    }
    void on_opened() override;
    void on_message(std::string_view data, bool binary) override;
    void on_closed() override;
    engine_connection& parent;
  };

  void start();
  [[nodiscard]] std::string handshake() const;
  void answer_post();
  void reschedule();

  worker& host_;
  std::string sid_;
  std::string address_;
  engineio::session session_;
  std::shared_ptr<connection_handler> handler_;
  timer_queue::handle timer_;
  engineio::time_point timer_due_{};
  http_exchange_ptr poll_;
  http_exchange_ptr post_; ///< answered late while input is paused
  websocket_link_ptr websocket_;
  websocket_link_ptr probe_;
  probe_observer probe_observer_{*this};
  bool paused_ = false;
};

} // namespace observer::transport
