#include "net/transport/http_connection.hpp"

#include "net/engineio/request.hpp"
#include "net/http/origin.hpp"
#include "net/http/target.hpp"
#include "net/transport/engine_connection.hpp"
#include "net/transport/linger.hpp"
#include "net/transport/server.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <array>
#include <utility>

namespace observer::transport {

namespace beast = boost::beast;

namespace {

/// How long a client may take to end its side after the last answer.
constexpr auto close_timeout = std::chrono::seconds{5};

/// Seconds after which who was sent away at the door may try again.
constexpr auto retry_after = "5";

/// What a body may take that is still to come.
std::size_t body_bytes(const request_parser& parser, const options& limits) {
  if (parser.is_done())
    return 0;
  return static_cast<std::size_t>(
    parser.content_length().value_or(limits.engine.max_payload));
}

bool is_loopback(const tcp::socket& socket) {
  error_code ignored;
  auto address = socket.local_endpoint(ignored).address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = net::ip::make_address_v4(net::ip::v4_mapped, address.to_v6());
  return address.is_loopback();
}

} // namespace

http_connection::http_connection(worker& host, tcp::socket socket,
                                 std::string address, door::pass pass)
  : host_(host),
    socket_(std::move(socket)),
    address_(std::move(address)),
    pass_(std::move(pass)),
    buffer_(buffer_bytes(host.options())),
    loopback_(is_loopback(socket_)) {
  // A socket that came from another loop has forgotten it; a gathered write or
  // a peek must never block this one.
  error_code ignored;
  socket_.non_blocking(true, ignored);
}

http_connection::~http_connection() {
  host_.timers().cancel(deadline_);
}

void http_connection::start() {
  visitor_ = pass_.arrive();
  set_deadline(host_.options().head_timeout, &host_.parent().met().head_time);
  read_head();
}

void http_connection::resume(http::request in, beast::flat_buffer rest) {
  request_ = std::move(in);
  buffer_ = std::move(rest);
  dispatch();
}

// -- reading ------------------------------------------------------------------

void http_connection::read_head() {
  parser_.emplace();
  set_limits(*parser_, host_.options());
  beast::http::async_read_header(socket_, buffer_, *parser_,
                                 [self = shared_from_this()](error_code error,
                                                             std::size_t) {
                                   self->on_head(error);
                                 });
}

void http_connection::on_head(error_code error) {
  if (error)
    return on_request(error);
  auto& head = parser_->get();
  if (auto fault = check_head(head, host_.options()))
    return refuse_and_close(*fault);
  if (!parser_->is_done() && !wants_body()) {
    if (beast::websocket::is_upgrade(head)) // it would be read as frames
      return refuse_and_close(
        {http::status::bad_request, "bad_request", "an upgrade has no body"});
    host_.timers().cancel(deadline_);
    request_ = parser_->release();
    request_.keep_alive(false);
    parser_.reset();
    return dispatch();
  }
  if (!pass_.hold(body_bytes(*parser_, host_.options())))
    return refuse_and_close(
      {http::status::too_many_requests, "rate_limited",
       "this address has sent too much that has no end yet"});
  set_deadline(host_.options().body_timeout, &host_.parent().met().body_time);
  if (beast::iequals(head[http::field::expect], "100-continue")) {
    auto go_on = std::make_shared<std::string>("HTTP/1.1 100 Continue\r\n\r\n");
    net::async_write(socket_, net::buffer(*go_on),
                     [self = shared_from_this(), go_on](error_code failed,
                                                        std::size_t) {
                       if (!failed)
                         self->read_body();
                     });
    return;
  }
  read_body();
}

/// Whether anybody reads a body of the request whose head is there. What others
/// say is not waited for: they are answered at once, as the last thing.
bool http_connection::wants_body() const {
  auto& head = parser_->get();
  std::string_view target = head.target();
  if (head.method() != http::verb::post
      || host_.find_endpoint(target.substr(0, target.find('?'))) == nullptr)
    return false;
  auto sid = parse_query(target).sid;
  auto& home = host_.parent().worker_at(worker::worker_of(sid));
  return !sid.empty() && (&home != &host_ || host_.find(sid) != nullptr);
}

void http_connection::read_body() {
  if (parser_->is_done())
    return on_request({});
  beast::http::async_read(socket_, buffer_, *parser_,
                          [self = shared_from_this()](error_code error,
                                                      std::size_t) {
                            self->on_request(error);
                          });
}

void http_connection::on_request(error_code error) {
  if (error) {
    if (auto fault = fault_of(error))
      return refuse_and_close(*fault);
    return end();
  }
  if (auto fault = check_head(parser_->get(), host_.options()))
    return refuse_and_close(*fault);
  host_.timers().cancel(deadline_);
  request_ = parser_->release();
  parser_.reset();
  normalize(request_);
  dispatch();
}

/// Answers a request that was not read to its end; nothing can follow it.
void http_connection::refuse_and_close(const head_fault& fault) {
  if (fault.met != nullptr)
    ++(host_.parent().met().*fault.met);
  request_ = {};
  request_.version(11);
  request_.keep_alive(false);
  awaiting_ = true;
  auto answer = fault.name.empty()
                  ? http::make_response(fault.code, {}, {})
                  : http::make_error(fault.code, fault.name, fault.message);
  if (fault.code == http::status::too_many_requests)
    answer.set(http::field::retry_after, retry_after);
  respond(std::move(answer));
}

// -- serving ------------------------------------------------------------------

void http_connection::dispatch() {
  awaiting_ = true;
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
  host_.serve_http()(request_, [self = shared_from_this()](http::response out) {
    self->respond(std::move(out));
  });
}

/// Whether the request calls us by a name that it may call us by.
bool http_connection::is_trusted() {
  auto& rules = host_.options();
  auto rule = loopback_ ? http::host_rule::pages : http::host_rule::nobody;
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
    auto& home = host_.parent().worker_at(worker::worker_of(sid));
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
  auto is_sound = buffer_.size() == 0 // no frames before the handshake
                  && is_websocket_key(request_[http::field::sec_websocket_key]);
  if (!refused && head.upgrade && !is_sound)
    refused = engineio::refusal::bad_request;
  if (refused)
    return refuse(*refused, head.upgrade);
  auto self = shared_from_this();
  if (!session)
    return open(where, head);
  visitor_ = {}; // one of those who are inside
  if (head.upgrade) {
    awaiting_ = false;
    session->probe(std::move(socket_), std::move(pass_), request_);
  } else if (request_.method() == http::verb::get) {
    session->poll(self);
    if (awaiting_)
      watch();
  } else if (request_.method() == http::verb::post) {
    session->post(self);
    if (awaiting_)
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

/// Opens a session, if there is a place and the application wants to.
void http_connection::open(const endpoint& where,
                           const engineio::request_head& head) {
  auto version
    = *engineio::parse_version(head.parameters.version); // it was checked
  if (!visitor_) // asked for something else before
    visitor_ = pass_.arrive();
  if (auto refused = visitor_.admit(socket_.native_handle()))
    return refuse(*refused, head.upgrade);
  auto enter = [self = shared_from_this(), &where, version,
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
    self->awaiting_ = false;
    session->open_websocket(std::move(self->socket_), std::move(self->pass_),
                            std::move(self->request_), verdict.headers);
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
  auto protocol = socket_.local_endpoint(error).protocol();
  auto handle = socket_.release(error);
  if (error)
    return end();
  awaiting_ = false;
  auto moved = [&target, protocol, handle, address = std::move(address_),
                pass = std::move(pass_), in = std::move(request_),
                rest = std::move(buffer_)]() mutable {
    tcp::socket socket{target.context()};
    error_code failed;
    socket.assign(protocol, handle, failed);
    if (!failed)
      std::make_shared<http_connection>(target, std::move(socket),
                                        std::move(address), std::move(pass))
        ->resume(std::move(in), std::move(rest));
  };
  net::post(target.context(), std::move(moved));
}

/// While an answer is out, notices when the client goes away.
void http_connection::watch() {
  if (std::exchange(watching_, true))
    return;
  socket_.async_wait(
    tcp::socket::wait_read, [self = shared_from_this()](error_code error) {
      self->watching_ = false;
      if (!self->awaiting_)
        return;
      // Readable: the next request, or the end.
      std::array<char, 1> byte;
      auto end = !error
                 && self->socket_.receive(net::buffer(byte),
                                          tcp::socket::message_peek, error)
                      == 0;
      // A wait from before the request that is being served now.
      if (error == net::error::would_block)
        return self->watch();
      if (error || end) {
        self->awaiting_ = false;
        if (auto broken = std::exchange(self->on_broken, nullptr))
          broken();
        self->end();
      }
    });
}

// -- writing ------------------------------------------------------------------

void http_connection::respond(http::response answer) {
  if (!std::exchange(awaiting_, false))
    return;
  on_broken = nullptr;
  visitor_ = {};
  (void) pass_.hold(0);
  answer.version(request_.version());
  answer.keep_alive(request_.keep_alive());
  if (answer.keep_alive())
    http::announce_keep_alive(answer, host_.options().idle_timeout);
  http::add_common_fields(answer);
  host_.options().origins.add_headers(request_, answer);
  if (answer.result() == http::status::no_content)
    answer.set(http::field::content_length, "0");
  else
    answer.prepare_payload();
  write(std::move(answer));
}

void http_connection::write(http::response answer) {
  answer_ = std::move(answer);
  set_deadline(host_.options().body_timeout, &host_.parent().met().body_time);
  auto keep_alive = answer_->keep_alive();
  auto done = [self = shared_from_this(), keep_alive](error_code error,
                                                      std::size_t) {
    self->on_written(error, keep_alive);
  };
  if (request_.method() == http::verb::head) {
    using empty = beast::http::response<beast::http::empty_body>;
    auto head = std::make_shared<empty>(std::move(answer_->base()));
    beast::http::async_write(
      socket_, *head, [head, done](error_code error, std::size_t n) mutable {
        done(error, n);
      });
    return;
  }
  beast::http::async_write(socket_, *answer_, std::move(done));
}

void http_connection::on_written(error_code error, bool keep_alive) {
  answer_.reset();
  if (error)
    return end();
  if (!keep_alive) {
    set_deadline(close_timeout);
    return linger(socket_, [self = shared_from_this()] { self->end(); });
  }
  request_ = {};
  set_deadline(host_.options().idle_timeout, &host_.parent().met().idle_time);
  read_head();
}

// -- the end ------------------------------------------------------------------

/// @param met counts that the deadline passed.
void http_connection::set_deadline(std::chrono::milliseconds after,
                                   limit_counts::counter* met) {
  host_.timers().set(deadline_, std::chrono::steady_clock::now() + after,
                     [this, met] {
                       if (met != nullptr)
                         ++*met;
                       end();
                     });
}

void http_connection::end() {
  host_.timers().cancel(deadline_);
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

} // namespace observer::transport
