#pragma once

#include "messages/hub.hpp"

#include <boost/asio/io_context.hpp>

#include <memory>

namespace observer::gateway {

/// Reaches a client whose connection is on another loop than its session: that
/// happens when a client comes back (connection state recovery) and the kernel
/// gives its new connection to another loop. Hands everything on, in order.
class relay_port final : public recovering_port {
public:
  /// @param home the loop of `target`. Must outlive all relays.
  relay_port(boost::asio::io_context& home,
             std::shared_ptr<recovering_port> target);

  void deliver(const frame& event, urgency how) override;
  void answer(const request_tag& tag, const reply& result) override;
  void close(std::string_view why) override;
  void fenced() override;
  [[nodiscard]] connection_info info() const override;
  void recovered(const connection_info& earlier,
                 const session_actor& session) override;
  void not_recovered() override;

private:
  template <class F>
  void hand_over(F work);

  boost::asio::io_context& home_;
  std::shared_ptr<recovering_port> target_;
  connection_info info_; ///< as it was, because `target_` may not be asked
};

} // namespace observer::gateway
