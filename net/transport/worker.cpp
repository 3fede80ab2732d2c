#include "net/transport/worker.hpp"

#include "net/transport/engine_connection.hpp"
#include "net/transport/http_stream.hpp"
#include "net/transport/uring.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace observer::transport {

worker::worker(server& parent, std::size_t index, net::io_context& context,
               const transport::options& settings,
               std::vector<endpoint> endpoints, http::handler serve_http)
  : parent_(parent),
    index_(index),
    context_(context),
    options_(settings),
    endpoints_(std::move(endpoints)),
    serve_http_(std::move(serve_http)),
    timers_(context),
    websockets_(settings),
    read_buffer_(std::make_unique<std::array<char, 64 * 1024>>()) {
}

worker::~worker() = default;

const endpoint* worker::find_endpoint(std::string_view path) const {
  auto serves = [path](const endpoint& x) {
    std::string_view served = x.path;
    return path == served || path == served.substr(0, served.size() - 1);
  };
  auto i = std::find_if(endpoints_.begin(), endpoints_.end(), serves);
  return i != endpoints_.end() ? &*i : nullptr;
}

void worker::add(const std::string& sid,
                 std::shared_ptr<engine_connection> session) {
  if (!released_)
    sessions_.emplace(sid, std::move(session));
}

void worker::remove(const std::string& sid) {
  sessions_.erase(sid);
}

std::shared_ptr<engine_connection> worker::find(const std::string& sid) const {
  auto i = sessions_.find(sid);
  return i != sessions_.end() ? i->second : nullptr;
}

void worker::add(http_stream& who) {
  http_streams_.insert(&who);
}

void worker::remove(http_stream& who) {
  http_streams_.erase(&who);
}

void worker::shut(engineio::close_reason reason) {
  fall_silent();
  auto all = sessions_; // closing removes
  for (auto& [sid, session] : all)
    session->close(reason);
  std::vector<std::shared_ptr<http_stream>> rest;
  for (auto* who : http_streams_)
    rest.push_back(who->shared_from_this());
  for (auto& who : rest)
    who->shut();
}

void worker::release() {
  run_all();
  released_ = true;
  sessions_.clear();
  dirty_.clear();
  if (auto ring = std::exchange(ring_, nullptr))
    ring->close();
  timers_.close();
  // Requests may still be on their way to an endpoint; what it calls is gone.
  for (auto& where : endpoints_)
    where = {where.path, nullptr, nullptr};
  serve_http_ = nullptr;
}

uring* worker::ring() {
  // Only the thread that uses a ring may set it up.
  if (!std::exchange(ring_asked_for_, true) && !released_
      && options_.io != socket_io::epoll)
    ring_ = uring::open(context_);
  return ring_.get();
}

void worker::flush_later(std::shared_ptr<flushable> what) {
  if (released_)
    return;
  if (dirty_.empty())
    net::post(context_, [this] { flush_all(); });
  dirty_.push_back(std::move(what));
}

void worker::run_later(std::function<void()> what) {
  if (later_.empty())
    net::post(context_, [this] { run_all(); });
  later_.push_back(std::move(what));
}

void worker::run_all() {
  for (auto& what : std::exchange(later_, {}))
    what();
}

void worker::flush_all() {
  auto all = std::exchange(dirty_, {});
  for (auto& what : all)
    what->flush();
  if (ring_)
    ring_->submit();
}

} // namespace observer::transport
