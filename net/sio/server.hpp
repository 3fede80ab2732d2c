#pragma once

#include "net/sio/nsp.hpp"
#include "net/socketio/limit_counts.hpp"
#include "net/socketio/session.hpp"
#include "net/transport/connection_handler.hpp"
#include "net/transport/net.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

/// A Socket.IO server as a library: namespaces, events, acks. Knows no rooms
/// and no actors.
///
/// ~~~
///   boost::asio::io_context loop;
///   sio::server io{loop};
///   io.of("/").on("hello", [](sio::socket& from, sio::message& said, sio::ack)
///   {
///     from.emit("hello", said);
///   });
///   transport::options options;
///   transport::server front{options};
///   front.add_worker(loop, {io.at("/socket.io/")}, serve_http);
///   front.listen({boost::asio::ip::make_address("127.0.0.1"), 3000});
///   loop.run();
/// ~~~
///
/// To end before the process does: `front.shut()`, `front.release()`,
/// `io.close()`, and destroy the loop first.
namespace observer::sio {

/// Connection state recovery (Socket.IO 4.6).
struct recovery_options {
  /// How long a socket waits for its client to come back.
  std::chrono::milliseconds window = std::chrono::minutes{2};

  /// How long the loss of a connection may go unnoticed: events are kept for
  /// so much longer.
  std::chrono::milliseconds margin = std::chrono::seconds{60};

  /// Bytes of events kept for one socket.
  std::size_t bytes = std::size_t{1024} * 1024;
};

struct server_options {
  /// With the parsers that clients may have.
  socketio::session_options protocol;

  /// Unset: a socket ends with its connection.
  std::optional<recovery_options> recovery;

  /// A volatile event is dropped for a client with this many unread bytes.
  std::size_t volatile_above = std::size_t{64} * 1024;

  /// Whether peers keep the request that opened their connection, for the
  /// handshakes of their sockets. It takes memory while they are connected.
  bool keep_requests = true;

  /// Counts the limits of packets that are met; null: nobody does.
  socketio::limit_counts* met = nullptr;
};

/// The namespaces of one loop, and the sockets in them. Everything happens on
/// that loop. Must outlive the transport that serves it.
class server {
public:
  explicit server(boost::asio::io_context& loop, server_options options = {});
  ~server();

  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// The namespace `name`, e.g. `/` or `/news`; made if it is not there.
  nsp& of(const std::string& name);

  /// One namespace for all names that `matches` says yes to and that have none
  /// of their own.
  nsp& of(std::function<bool(std::string_view)> matches);

  /// Lets `handler` serve the namespace `name`, from here on.
  void serve(std::string name, std::shared_ptr<namespace_handler> handler);

  [[nodiscard]] const server_options& options() const noexcept {
    return options_;
  }

  /// Who serves a namespace; null: nobody.
  [[nodiscard]] namespace_handler* find(std::string_view name) const;

  /// Cancels all deadlines, as the last thing before the loop stops.
  void close();

  /// What serves this at a path of a transport.
  /// @param admit who may connect at all; null: everybody
  [[nodiscard]] transport::endpoint
  at(std::string path, transport::admission_check admit = nullptr);

private:
  friend class nsp;
  friend class socket;

  /// The socket whose client knows the secret; null if there is none.
  [[nodiscard]] socket_ptr find_secret(std::string_view recovery_id) const;

  /// Lets a socket without connection wait for its client.
  void keep(const socket_ptr& lost, disconnect_reason reason);
  void unkeep(socket& found);
  void forget(socket& gone);

  using matcher = std::function<bool(std::string_view)>;

  server_options options_;
  io::timer_queue timers_;
  std::map<std::string, std::unique_ptr<nsp>, std::less<>> named_;
  std::map<std::string, std::shared_ptr<namespace_handler>, std::less<>>
    served_;
  std::vector<std::pair<matcher, std::unique_ptr<nsp>>> patterns_;
  std::unordered_map<std::string, socket_ptr> secrets_; ///< by recovery id
  std::uint64_t last_event_ = 0;
};

} // namespace observer::sio
