#pragma once

#include "net/engineio/request.hpp"
#include "net/transport/door.hpp"
#include "net/transport/http_exchange.hpp"
#include "net/transport/request_head.hpp"
#include "net/transport/worker.hpp"

#include <boost/beast/core/flat_buffer.hpp>

#include <memory>
#include <optional>
#include <string>

namespace observer::transport {

/// One TCP connection that speaks HTTP: reads a request, has it answered, reads
/// the next; or becomes a WebSocket.
class http_connection final
  : public http_exchange,
    public std::enable_shared_from_this<http_connection> {
public:
  http_connection(worker& host, tcp::socket socket, std::string address,
                  door::pass pass);
  ~http_connection() override;

  /// Reads the first request.
  void start();

  /// Goes on with a request that another worker has read: its session lives
  /// on this one.
  void resume(http::request in, boost::beast::flat_buffer rest);

  // -- implementation of http_exchange ----------------------------------------

  [[nodiscard]] const http::request& request() const override {
    return request_;
  }

  void respond(http::response answer) override;

private:
  void read_head();
  void on_head(error_code error);
  [[nodiscard]] bool wants_body() const;
  void read_body();
  void on_request(error_code error);
  void refuse_and_close(const head_fault& fault);
  void dispatch();
  [[nodiscard]] bool is_trusted();
  void serve_engineio(const endpoint& where);
  void refuse(engineio::refusal why, bool upgrade);
  void open(const endpoint& where, const engineio::request_head& head);
  void migrate(worker& target);
  void watch();
  void write(http::response answer);
  void on_written(error_code error, bool keep_alive);
  void set_deadline(std::chrono::milliseconds after,
                    limit_counts::counter* met = nullptr);
  void end();

  worker& host_;
  tcp::socket socket_;
  std::string address_;
  door::pass pass_; ///< goes with the socket
  boost::beast::flat_buffer buffer_;
  std::optional<request_parser> parser_;
  http::request request_;
  std::optional<http::response> answer_;
  timer_queue::handle deadline_;
  door::visitor visitor_; ///< until its first request says what it is
  bool loopback_;         ///< it came in over loopback
  bool awaiting_ = false; ///< a request waits for its answer
  bool watching_ = false;
};

} // namespace observer::transport
