#include "net/transport/http_connection.hpp"

#include "net/engineio/random_id.hpp"
#include "net/engineio/request.hpp"
#include "net/http/origin.hpp"
#include "net/http/target.hpp"
#include "net/transport/engine_connection.hpp"
#include "net/transport/server.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace observer::transport {

namespace beast = boost::beast;

http_connection::http_connection(worker& host, io::stream_socket socket,
                                 client_address address, door::pass pass)
  : http_stream(host, std::move(socket), std::move(pass)),
    address_(std::move(address)) {
}

std::shared_ptr<http_connection> http_connection::self() {
  return std::static_pointer_cast<http_connection>(shared_from_this());
}

void http_connection::start() {
  visitor_ = pass_.arrive();
  channel_->read(true);
  start_reading();
}

void http_connection::resume(http::request in, std::span<const char> rest) {
  go_on_with(std::move(in), rest);
}

void http_connection::respond(http::response answer) {
  visitor_ = {};
  http_stream::respond(std::move(answer));
}

/// A POST for a session of this loop: its poll may wait for nothing else.
bool http_connection::is_urgent(const http::request& in) const {
  return in.method() == http::verb::post && !beast::websocket::is_upgrade(in)
         && host_.find(parse_query(in.target()).sid);
}

bool http_connection::wants_body(const http::request& head) const {
  auto path = http::split_target(head.target()).path;
  if (head.method() != http::verb::post || host_.find_endpoint(path) == nullptr)
    return false;
  auto sid = parse_query(head.target()).sid;
  auto& home = host_.parent().worker_at(engineio::loop_of(sid));
  return !sid.empty() && (&home != &host_ || host_.find(sid) != nullptr);
}

// -- serving ------------------------------------------------------------------

void http_connection::serve() {
  if (!is_trusted())
    return respond(http::make_error(
      http::status::forbidden, "forbidden",
      "the server does not know the host that this request names; its key "
      "allow-host can tell it"));
  auto path = http::split_target(request_.target()).path;
  if (http::origin_policy::is_preflight(request_))
    return respond(host_.options().origins.answer_preflight(request_));
  if (const auto* where = host_.find_endpoint(path))
    return serve_engineio(*where);
  host_.serve_http()(request_, [self = self()](http::response out) {
    self->respond(std::move(out));
  });
}

/// Whether the request calls us by a name that it may call us by.
bool http_connection::is_trusted() {
  auto& rules = host_.options();
  auto rule = address_.loopback ? http::host_rule::pages
                                : http::host_rule::nobody;
  if (rules.known_hosts_only)
    rule = http::host_rule::all;
  if (rules.origins.trusts_host(request_, rule))
    return true;
  ++host_.parent().met().hosts;
  host_.refusals().host_refused(request_, std::chrono::steady_clock::now());
  return false;
}

void http_connection::serve_engineio(const endpoint& where) {
  engineio::request_head head{request_.method_string(),
                              beast::websocket::is_upgrade(request_),
                              parse_query(request_.target())};
  auto& sid = head.parameters.sid;
  std::shared_ptr<engine_connection> session;
  std::optional<engineio::known_session> known;
  if (!sid.empty()) {
    auto& home = host_.parent().worker_at(engineio::loop_of(sid));
    if (&home != &host_)
      return migrate(home);
    session = host_.find(sid);
    if (session && &session->opened_at() == &where)
      known = {session->transport(), session->version()};
  }
  auto refused = engineio::check(head, known, host_.options().engine.allow_v3);
  if (!refused && !host_.options().origins.allows(request_)) {
    refused = engineio::refusal::forbidden;
    ++host_.parent().met().origins;
    host_.refusals().origin_refused(request_, std::chrono::steady_clock::now());
  }
  auto is_sound = reader_.unread_bytes() == 0 // no frames before the handshake
                  && is_websocket_key(request_[http::field::sec_websocket_key]);
  if (!refused && head.upgrade && !is_sound)
    refused = engineio::refusal::bad_request;
  if (refused)
    return refuse(*refused, head.upgrade);
  if (head.upgrade && request_[http::field::sec_websocket_version] != "13")
    return refuse_version();
  if (!session)
    return open(where, head);
  visitor_ = {}; // one of those who are inside
  if (head.upgrade) {
    session->probe(hand_over(), request_);
  } else if (request_.method() == http::verb::get) {
    session->poll(step_aside());
    watch();
  } else if (request_.method() == http::verb::post) {
    session->post(self());
    watch();
  } else {
    auto answer = http::make_response(http::status::method_not_allowed, {}, {});
    answer.set(http::field::allow, "GET, POST");
    respond(std::move(answer));
  }
}

void http_connection::refuse(engineio::refusal why, bool upgrade) {
  auto code = static_cast<http::status>(engineio::status_of(why));
  // A browser's WebSocket shows nobody the body; plain text is for people.
  auto answer = upgrade
                  ? http::make_response(code, "text/html",
                                        std::string{engineio::message_of(why)})
                  : http::make_response(code, "application/json",
                                        engineio::to_json(why));
  if (engineio::may_try_again(why))
    answer.set(http::field::retry_after, retry_after);
  if (upgrade || engineio::may_try_again(why))
    request_.keep_alive(false);
  respond(std::move(answer));
}

/// The one answer to a WebSocket that is no Engine.IO refusal (RFC 6455,
/// section 4.4).
void http_connection::refuse_version() {
  auto answer = http::make_response(http::status::upgrade_required, {}, {});
  answer.set(http::field::sec_websocket_version, "13");
  request_.keep_alive(false);
  respond(std::move(answer));
}

/// Opens a session, if there is a place and the application wants to.
void http_connection::open(const endpoint& where,
                           const engineio::request_head& head) {
  auto version
    = *engineio::parse_version(head.parameters.version); // it was checked
  if (!visitor_) // asked for something else before
    visitor_ = pass_.arrive();
  if (auto refused = visitor_.admit(channel_->descriptor()))
    return refuse(*refused, head.upgrade);
  auto enter = [self = self(), &where, version,
                upgrade = head.upgrade](const admission& verdict) {
    if (!self->awaiting_)
      return;
    if (verdict.refused)
      return self->refuse(*verdict.refused, upgrade);
    auto session = std::make_shared<engine_connection>(
      self->host_, where, version,
      upgrade ? engineio::transport::websocket : engineio::transport::polling,
      self->address_.text, std::move(self->visitor_));
    if (!upgrade)
      return session->open_polling(self, verdict.headers);
    session->open_websocket(self->hand_over(), self->request_, verdict.headers);
  };
  if (where.admit)
    where.admit(request_, enter);
  else
    enter({});
}

/// Moves the connection to the loop on which its session lives.
void http_connection::migrate(worker& target) {
  channel_->release([weak = weak_from_this(), &target](int descriptor) {
    auto alive = std::static_pointer_cast<http_connection>(weak.lock());
    if (alive && alive->awaiting_ && descriptor >= 0)
      alive->move_to(target, descriptor);
    else if (descriptor >= 0) // the server went down meanwhile
      ::close(descriptor);
  });
}

void http_connection::move_to(worker& target, int descriptor) {
  leave(); // the channel stays: it goes with whatever still knows it
  auto moved = [&target, descriptor, address = std::move(address_),
                pass = std::move(pass_), in = std::move(request_),
                rest = reader_.take_unread()]() mutable {
    io::stream_socket socket{target.loop().context()};
    error_code failed;
    socket.assign({AF_UNSPEC, 0}, descriptor, failed);
    if (failed) {
      ::close(descriptor);
      return;
    }
    std::make_shared<http_connection>(target, std::move(socket),
                                      std::move(address), std::move(pass))
      ->resume(std::move(in), rest);
  };
  net::post(target.loop().context(), std::move(moved));
}

} // namespace observer::transport
