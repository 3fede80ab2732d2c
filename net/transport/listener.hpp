#pragma once

#include "net/io/timer_queue.hpp"
#include "net/transport/net.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <memory>

namespace observer::transport {

class worker;

/// Accepts the connections of one loop.
class listener : public std::enable_shared_from_this<listener> {
public:
  explicit listener(worker& host);
  ~listener();

  /// Binds with SO_REUSEPORT, so that each loop can have its own listener.
  /// @throws boost::system::system_error the address cannot be had
  tcp::endpoint open(const tcp::endpoint& where);

  /// Starts to accept.
  void run();

  /// Shuts the door.
  void close();

private:
  void accept();
  void on_accept(error_code error, tcp::socket socket);

  worker& host_;
  tcp::acceptor acceptor_;
  io::timer_queue::handle retry_;
  bool starved_ = false; ///< could not accept when it last tried
};

} // namespace observer::transport
