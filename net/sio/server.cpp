#include "net/sio/server.hpp"

#include "net/sio/peer.hpp"

#include <algorithm>
#include <utility>

namespace observer::sio {

server::server(boost::asio::io_context& loop, server_options options)
  : options_(std::move(options)),
    timers_(loop) {
}

server::~server() = default;

void server::close() {
  timers_.close();
}

nsp& server::of(const std::string& name) {
  auto i = named_.find(name);
  if (i == named_.end())
    i = named_.emplace(name, std::make_unique<nsp>(*this)).first;
  return *i->second;
}

nsp& server::of(std::function<bool(std::string_view)> matches) {
  patterns_.push_back({std::move(matches), std::make_unique<nsp>(*this)});
  return *patterns_.back().second;
}

transport::endpoint server::at(std::string path,
                               transport::admission_check admit) {
  auto make_handler = [this](transport::connection& below,
                             const http::request& request) {
    return std::make_shared<peer>(*this, below, request);
  };
  return {std::move(path), make_handler, std::move(admit)};
}

void server::serve(std::string name,
                   std::shared_ptr<namespace_handler> handler) {
  served_.insert_or_assign(std::move(name), std::move(handler));
}

namespace_handler* server::find(std::string_view name) const {
  if (auto i = served_.find(name); i != served_.end())
    return i->second.get();
  if (auto i = named_.find(name); i != named_.end())
    return i->second.get();
  auto i = std::find_if(patterns_.begin(), patterns_.end(),
                        [name](auto& x) { return x.first(name); });
  return i != patterns_.end() ? i->second.get() : nullptr;
}

// -- connection state recovery ------------------------------------------------

socket_ptr server::find_secret(std::string_view recovery_id) const {
  auto i = secrets_.find(std::string{recovery_id});
  return i != secrets_.end() ? i->second : nullptr;
}

void server::keep(const socket_ptr& lost, disconnect_reason reason) {
  auto until = std::chrono::steady_clock::now() + options_.recovery->window;
  timers_.set(lost->expiry_, until, [socket = lost.get(), reason] {
    socket->nsp_.remove(*socket, reason);
  });
}

void server::unkeep(socket& found) {
  timers_.cancel(found.expiry_);
}

void server::forget(socket& gone) {
  timers_.cancel(gone.expiry_);
  secrets_.erase(gone.recovery_id_);
}

} // namespace observer::sio
