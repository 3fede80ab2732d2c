#pragma once

#include "net/engineio/request.hpp"
#include "net/transport/door.hpp"
#include "net/transport/http_stream.hpp"
#include "net/transport/worker.hpp"

#include <memory>
#include <span>
#include <string>

namespace observer::transport {

/// Where a client comes from.
struct client_address {
  std::string text; ///< without port
  bool loopback;    ///< it came in over loopback
};

/// A client that speaks HTTP. Its requests go to Engine.IO or to the
/// application; or it becomes a WebSocket.
class http_connection final : public http_stream {
public:
  http_connection(worker& host, io::stream_socket socket,
                  client_address address, door::pass pass);

  /// Reads the first request.
  void start();

  /// Goes on with a request that another worker has read: its session lives
  /// on this one.
  void resume(http::request in, std::span<const char> rest);

  // -- implementation of http_stream ------------------------------------------

  void respond(http::response answer) override;

private:
  void serve() override;
  [[nodiscard]] bool is_urgent(const http::request& in) const override;
  [[nodiscard]] bool wants_body(const http::request& head) const override;
  [[nodiscard]] bool is_trusted();
  [[nodiscard]] std::shared_ptr<http_connection> self();
  void serve_engineio(const endpoint& where);
  void refuse(engineio::refusal why, bool upgrade);
  void refuse_version();
  void open(const endpoint& where, const engineio::request_head& head);
  void migrate(worker& target);
  void move_to(worker& target, int descriptor);

  client_address address_;
  door::visitor visitor_; ///< until its first request says what it is
};

} // namespace observer::transport
