#pragma once

#include "net/io/timer_queue.hpp"
#include "net/transport/door.hpp"
#include "net/transport/http_exchange.hpp"
#include "net/transport/raw_connection.hpp"
#include "net/transport/request_reader.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace observer::transport {

class worker;

/// One TCP connection that speaks HTTP: reads a request, has it served, writes
/// the answer, reads the next. As an exchange, it is the request that is being
/// served.
///
/// A request that may wait long, a poll, steps aside, and the next one is read
/// meanwhile: it may be what the poll waits for. If it is urgent it is served
/// at once, else in its turn; nothing is read beyond it. Answers leave in the
/// order of their requests (RFC 9112, section 9.3.2).
class http_stream : public http_exchange, public io::channel_user {
public:
  http_stream(const http_stream&) = delete;
  http_stream& operator=(const http_stream&) = delete;
  ~http_stream() override;

  /// Ends the connection, for the server goes down. Who waits for an answer
  /// gets 503.
  void shut();

  // -- implementation of http_exchange ----------------------------------------

  [[nodiscard]] const http::request& request() const override {
    return request_;
  }

  void respond(http::response answer) override;

  // -- implementation of channel_user -----------------------------------------

  void on_bytes(std::span<char> bytes) override;
  void on_input_end() override;
  void on_output_failed() override;
  void on_drained() override;

protected:
  /// Seconds after which who was sent away may try again.
  static constexpr auto retry_after = "5";

  http_stream(worker& host, io::stream_socket socket, door::pass pass);

  /// Serves `request_`, which is answered by `respond`, now or later; or hands
  /// the connection to somebody else.
  virtual void serve() = 0;

  /// Whether a request that came behind a poll is served before that has its
  /// answer. It must lead to no more than an answer.
  [[nodiscard]] virtual bool is_urgent(const http::request& in) const = 0;

  /// Whether anybody reads a body of the request whose head is there. What
  /// others say is not waited for: they are answered at once, as the last
  /// thing.
  [[nodiscard]] virtual bool wants_body(const http::request& head) const = 0;

  /// Reads the first request.
  void start_reading();

  /// Goes on with a request that was read elsewhere.
  void go_on_with(http::request in, std::span<const char> rest);

  /// Makes way for what comes behind this request.
  /// @returns what takes its answer
  http_exchange_ptr step_aside();

  /// The request is not answered here, nor is anything behind it.
  void leave();

  /// The same, and the connection goes elsewhere.
  raw_connection hand_over();

  /// While an answer is out, a client that goes away is not waited for, and
  /// what it says behind a poll is read.
  void watch();

  /// The connection is over, and whoever was to answer hears of it.
  void end();

  worker& host_;
  std::unique_ptr<io::channel> channel_; ///< null once it is somebody else's
  door::pass pass_;                      ///< goes with the channel
  request_reader reader_;
  http::request request_;
  bool awaiting_ = false; ///< the request waits for its answer

private:
  /// The request that stepped aside.
  struct poll final : http_exchange {
    explicit poll(http_stream& parent) : parent(parent) {
    }

    [[nodiscard]] const http::request& request() const override {
      return in;
    }

    void respond(http::response out) override;

    [[nodiscard]] bool is_there() const noexcept {
      return awaiting || answer;
    }

    http_stream& parent;
    http::request in;
    std::optional<http::response> answer; ///< being written
    bool awaiting = false;
  };

  enum class input : std::uint8_t {
    idle,    ///< nothing is being read
    request, ///< a request is
    over,    ///< nor ever will be: it has ended, or nobody wants more
  };

  std::shared_ptr<http_stream> self();
  void read_request();
  void advance();
  void on_head();
  void accept_body();
  void on_request();
  void take_request();
  void await_more();
  void on_input_over();
  void refuse_and_close(const head_fault& fault);
  void serve_now();
  [[nodiscard]] bool reads_ahead() const;
  void finish(const http::request& in, http::response& answer) const;
  void write();
  void go_on();
  void set_deadline(io::timer_queue::handle& which,
                    std::chrono::milliseconds after,
                    limit_counts::counter* met = nullptr);

  poll poll_{*this};
  std::optional<http::response>
    answer_; ///< being written, or behind the poll's
  io::timer_queue::handle read_deadline_;
  io::timer_queue::handle write_deadline_;
  input input_ = input::idle;
  bool held_ = false; ///< the request goes on when the poll has its answer
  bool advancing_ = false;
  bool watching_ = false;    ///< who goes away is not waited for
  bool input_ended_ = false; ///< the client says nothing more
};

} // namespace observer::transport
