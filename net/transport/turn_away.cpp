#include "net/transport/turn_away.hpp"

#include "net/transport/websocket_link.hpp"
#include "net/transport/worker.hpp"

#include <memory>

namespace observer::transport {

namespace {

/// Longer than a link takes to close at most.
constexpr auto patience = std::chrono::seconds{15};

/// Kept by its timer, for as long as its link can have something to say.
class visit final : public websocket_observer,
                    public std::enable_shared_from_this<visit> {
public:
  explicit visit(worker& host) : host_(host) {
  }

  ~visit() override {
    if (auto link = link_.lock())
      link->set_observer(nullptr);
  }

  void start(raw_connection from, const http::request& request) {
    host_.timers().set(timer_, std::chrono::steady_clock::now() + patience,
                       [self = shared_from_this()] {});
    auto link = accept_websocket(host_, std::move(from), request, *this);
    link_ = link;
    link->close(websocket_close::normal);
  }

  void on_message(std::string_view, bool) override {
    // Nobody is here to read it.
  }

  void on_answered() override {
    // It is about to go in any case.
  }

  void on_closed(engineio::close_reason) override {
    auto self = shared_from_this();
    host_.timers().cancel(timer_);
  }

private:
  worker& host_;
  std::weak_ptr<websocket_link> link_; ///< keeps itself while it does anything
  io::timer_queue::handle timer_;
};

} // namespace

void turn_away(worker& host, raw_connection from,
               const http::request& request) {
  std::make_shared<visit>(host)->start(std::move(from), request);
}

} // namespace observer::transport
