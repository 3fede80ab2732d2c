#include "net/transport/worker.hpp"

#include "net/transport/engine_connection.hpp"
#include "net/transport/http_stream.hpp"

#include <algorithm>
#include <utility>

namespace observer::transport {

worker::worker(server& parent, std::size_t index, net::io_context& context,
               const transport::options& settings,
               std::vector<endpoint> endpoints, http::handler serve_http)
  : parent_(parent),
    index_(index),
    options_(settings),
    endpoints_(std::move(endpoints)),
    serve_http_(std::move(serve_http)),
    loop_(context, settings.backend),
    websockets_(settings) {
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
  if (!loop_.is_released())
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
    rest.push_back(
      std::static_pointer_cast<http_stream>(who->shared_from_this()));
  for (auto& who : rest)
    who->shut();
}

void worker::release() {
  loop_.release();
  sessions_.clear();
  // Requests may still be on their way to an endpoint; what it calls is gone.
  for (auto& where : endpoints_)
    where = {where.path, nullptr, nullptr};
  serve_http_ = nullptr;
}

} // namespace observer::transport
