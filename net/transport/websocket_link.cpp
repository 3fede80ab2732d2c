#include "net/transport/websocket_link.hpp"

#include "net/transport/queued_stream.hpp"
#include "net/transport/worker.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <array>
#include <optional>
#include <utility>

namespace observer::transport {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

namespace {

/// How long the closing handshake may take, data queued before it included.
constexpr auto close_timeout = std::chrono::seconds{5};

/// A message up to this size is read without a buffer of its own: a connection
/// that is quiet holds none.
constexpr std::size_t small_message = 256;

class link final : public websocket_link,
                   public flushable,
                   public std::enable_shared_from_this<link> {
public:
  link(worker& host, tcp::socket socket, websocket_observer& observer)
    : host_(host),
      observer_(&observer),
      stream_(std::move(socket)) {
  }

  ~link() override {
    host_.timers().cancel(timer_);
  }

  void start(const http::request& request, header_fields headers) {
    auto& queued = stream_.next_layer();
    queued.owner = [this] { return shared_from_this(); };
    queued.on_failure = [this] { end(); };
    queued.on_teardown = [this] { bound_the_end(); };
    stream_.auto_fragment(false);
    stream_.read_message_max(host_.options().engine.max_payload);
    stream_.set_option(websocket::stream_base::decorator(
      [headers = std::move(headers)](websocket::response_type& response) {
        response.erase(http::field::server);
        for (auto& [name, value] : headers)
          response.insert(name, value);
      }));
    host_.timers().set(timer_, std::chrono::steady_clock::now() + close_timeout,
                       [this] { end(); });
    stream_.async_accept(request,
                         [self = shared_from_this()](error_code error) {
                           self->on_accept(error);
                         });
  }

  // -- implementation of websocket_link ---------------------------------------

  void send(const engineio::outgoing_ptr& packets) override {
    if (ended_ || closing_)
      return;
    stream_.next_layer().push({packets, &packets->websocket()});
    mark_dirty();
  }

  void flush_now() override {
    if (!ended_)
      stream_.next_layer().flush();
  }

  void close(websocket_close how) override {
    if (ended_)
      return;
    if (how == websocket_close::now)
      return end();
    if (std::exchange(closing_, true))
      return;
    bound_the_end();
    if (!open_)
      return end();
    auto reason = how == websocket_close::going_away
                    ? websocket::close_reason{websocket::close_code::going_away}
                    : websocket::close_reason{};
    stream_.async_close(reason, [self = shared_from_this()](error_code) {
      self->end();
    });
    // Somebody must read the peer's close frame.
    if (!reading_)
      read();
  }

  void pause_reading(bool paused) override {
    paused_ = paused;
    if (!paused && open_ && !reading_ && !ended_ && !closing_)
      net::post(stream_.get_executor(), [self = shared_from_this()] {
        if (!self->reading_ && !self->paused_ && !self->ended_)
          self->read();
      });
  }

  void set_observer(websocket_observer* next) override {
    observer_ = next;
  }

  [[nodiscard]] std::size_t queued_bytes() const override {
    return stream_.next_layer().queued_bytes();
  }

  // -- implementation of flushable --------------------------------------------

  void flush() override {
    dirty_ = false;
    if (!ended_)
      stream_.next_layer().flush();
  }

private:
  void mark_dirty() {
    if (!std::exchange(dirty_, true))
      host_.flush_later(shared_from_this());
  }

  void bound_the_end() {
    if (!ended_)
      host_.timers().set(timer_,
                         std::chrono::steady_clock::now() + close_timeout,
                         [this] { end(); });
  }

  void on_accept(error_code error) {
    host_.timers().cancel(timer_);
    if (error || ended_)
      return end();
    open_ = true;
    if (observer_ != nullptr)
      observer_->on_opened();
    // The observer may have begun to close, which reads by itself.
    if (!ended_ && !reading_)
      read();
  }

  void read() {
    reading_ = true;
    stream_.async_read_some(net::buffer(small_),
                            [self = shared_from_this()](error_code error,
                                                        std::size_t size) {
                              self->on_read_some(error, size);
                            });
  }

  void on_read_some(error_code error, std::size_t size) {
    if (error || stream_.is_message_done())
      return on_read(error, {small_.data(), size});
    large_.emplace();
    large_->commit(
      net::buffer_copy(large_->prepare(size), net::buffer(small_, size)));
    stream_.async_read(*large_, [self = shared_from_this()](error_code failed,
                                                            std::size_t) {
      auto data = self->large_->cdata();
      self->on_read(failed,
                    {static_cast<const char*>(data.data()), data.size()});
    });
  }

  void on_read(error_code error, std::string_view message) {
    reading_ = false;
    if (error)
      return end();
    if (observer_ != nullptr && !closing_)
      observer_->on_message(message, stream_.got_binary());
    large_.reset();
    // The observer may have begun to close, which reads by itself.
    if (!ended_ && !reading_ && (!paused_ || closing_))
      read();
  }

  /// The only way out.
  void end() {
    if (std::exchange(ended_, true))
      return;
    host_.timers().cancel(timer_);
    beast_close_socket(stream_.next_layer());
    if (auto* last = std::exchange(observer_, nullptr))
      last->on_closed();
  }

  worker& host_;
  websocket_observer* observer_;
  websocket::stream<queued_stream, false> stream_;
  std::array<char, small_message> small_;
  std::optional<beast::flat_buffer> large_;
  timer_queue::handle timer_;
  bool open_ = false;
  bool reading_ = false;
  bool paused_ = false;
  bool closing_ = false;
  bool ended_ = false;
  bool dirty_ = false;
};

} // namespace

websocket_link_ptr
accept_websocket(worker& host, tcp::socket socket, const http::request& request,
                 websocket_observer& observer, header_fields headers) {
  auto result = std::make_shared<link>(host, std::move(socket), observer);
  result->start(request, std::move(headers));
  return result;
}

} // namespace observer::transport
