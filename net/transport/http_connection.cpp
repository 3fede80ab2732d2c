#include "net/transport/http_connection.hpp"

#include "net/engineio/request.hpp"
#include "net/http/origin.hpp"
#include "net/transport/engine_connection.hpp"
#include "net/transport/server.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <utility>

namespace observer::transport {

namespace beast = boost::beast;

namespace {

/// Seconds after which who was sent away at the door may try again.
constexpr auto retry_after = "5";

} // namespace

http_connection::http_connection(worker& host, tcp::socket socket,
                                 std::string address)
  : http_stream(host, std::move(socket)),
    address_(std::move(address)) {
}

std::shared_ptr<http_connection> http_connection::self() {
  return std::static_pointer_cast<http_connection>(shared_from_this());
}

void http_connection::start() {
  visitor_ = host_.parent().door().arrive(address_);
  start_reading();
}

void http_connection::resume(http::request in, beast::flat_buffer rest) {
  go_on_with(std::move(in), std::move(rest));
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

// -- serving ------------------------------------------------------------------

void http_connection::serve() {
  std::string_view target = request_.target();
  auto path = target.substr(0, target.find('?'));
  if (http::origin_policy::is_preflight(request_))
    return respond(host_.options().origins.answer_preflight(request_));
  if (const auto* where = host_.find_endpoint(path))
    return serve_engineio(*where);
  host_.serve_http()(request_, [self = shared_from_this()](http::response out) {
    self->respond(std::move(out));
  });
}

void http_connection::serve_engineio(const endpoint& where) {
  engineio::request_head head{request_.method_string(),
                              beast::websocket::is_upgrade(request_),
                              parse_query(request_.target())};
  auto& sid = head.parameters.sid;
  std::shared_ptr<engine_connection> session;
  std::optional<engineio::known_session> known;
  if (!sid.empty()) {
    auto& home = host_.parent().worker_at(worker::worker_of(sid));
    if (&home != &host_)
      return migrate(home);
    session = host_.find(sid);
    if (session && &session->opened_at() == &where)
      known = {session->transport(), session->version()};
  }
  auto refused = engineio::check(head, known, host_.options().engine.allow_v3);
  if (!refused && !host_.options().origins.allows(request_))
    refused = engineio::refusal::forbidden;
  if (!refused && head.upgrade && buffer_.size() > 0)
    refused = engineio::refusal::bad_request; // frames before the handshake
  if (refused)
    return refuse(*refused, head.upgrade);
  if (!session)
    return open(where, head);
  visitor_ = {}; // one of those who are inside
  if (head.upgrade) {
    session->probe(take_socket(), request_);
  } else if (request_.method() == http::verb::get) {
    session->poll(step_aside());
    watch();
  } else if (request_.method() == http::verb::post) {
    session->post(shared_from_this());
    watch();
  } else {
    respond(http::make_response(http::status::internal_server_error, {}, {}));
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

/// Opens a session, if there is a place and the application wants to.
void http_connection::open(const endpoint& where,
                           const engineio::request_head& head) {
  auto version
    = *engineio::parse_version(head.parameters.version); // it was checked
  if (!visitor_) // asked for something else before
    visitor_ = host_.parent().door().arrive(address_);
  if (auto refused = visitor_.admit(socket_.native_handle()))
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
      self->address_, std::move(self->visitor_));
    if (!upgrade)
      return session->open_polling(self, verdict.headers);
    session->open_websocket(self->take_socket(), std::move(self->request_),
                            verdict.headers);
  };
  if (where.admit)
    where.admit(request_, enter);
  else
    enter({});
}

/// Moves the connection to the loop on which its session lives. Nothing is
/// being read or written at this point, so the socket can simply go.
void http_connection::migrate(worker& target) {
  error_code error;
  auto from = take_socket();
  auto protocol = from.local_endpoint(error).protocol();
  auto handle = from.release(error);
  if (error)
    return;
  auto moved = [&target, protocol, handle, address = std::move(address_),
                in = std::move(request_), rest = std::move(buffer_)]() mutable {
    tcp::socket socket{target.context()};
    error_code failed;
    socket.assign(protocol, handle, failed);
    if (!failed)
      std::make_shared<http_connection>(target, std::move(socket),
                                        std::move(address))
        ->resume(std::move(in), std::move(rest));
  };
  net::post(target.context(), std::move(moved));
}

} // namespace observer::transport
