#include "net/transport/http_connection.hpp"

#include "net/engineio/request.hpp"
#include "net/http/origin.hpp"
#include "net/transport/engine_connection.hpp"
#include "net/transport/server.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace observer::transport {

namespace beast = boost::beast;

namespace {

/// Why a request head is refused, beyond what Beast's parser refuses.
struct head_fault {
  http::status code;
  std::string_view name;
  std::string_view message;
};

std::optional<head_fault> check_head(const http::request& in,
                                     const options& limits) {
  if (in.target().size() > limits.target_bytes)
    return head_fault{http::status::uri_too_long, "too_large",
                      "the target is too long"};
  auto fields = std::distance(in.begin(), in.end());
  if (static_cast<std::size_t>(fields) > limits.head_fields)
    return head_fault{http::status::request_header_fields_too_large,
                      "too_large", "too many header fields"};
  // RFC 9112, sections 3.2 and 6.3: anything else smells of smuggling.
  if (in.version() >= 11 && in.count(http::field::host) != 1)
    return head_fault{http::status::bad_request, "bad_request",
                      "exactly one Host is needed"};
  auto lengths = in.count(http::field::content_length);
  auto codings = in.count(http::field::transfer_encoding);
  if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0))
    return head_fault{http::status::bad_request, "bad_request",
                      "ambiguous length of the body"};
  if (codings > 0
      && (in.version() < 11
          || !beast::iequals(in[http::field::transfer_encoding], "chunked")))
    return head_fault{http::status::bad_request, "bad_request",
                      "unknown transfer coding"};
  return std::nullopt;
}

/// What a failed read is answered with; nothing where nobody listens.
std::optional<head_fault> fault_of(error_code error) {
  using beast_error = beast::http::error;
  if (error == beast_error::body_limit)
    return head_fault{http::status::payload_too_large, {}, {}};
  if (error == beast_error::header_limit)
    return head_fault{http::status::request_header_fields_too_large,
                      "too_large", "the request head is too large"};
  auto from_parser = error.category()
                     == make_error_code(beast_error::bad_method).category();
  if (from_parser && error != beast_error::end_of_stream
      && error != beast_error::partial_message)
    return head_fault{http::status::bad_request, "bad_request",
                      "this is no HTTP request"};
  return std::nullopt;
}

/// The query of a target. (Boost.URL 1.81's `parse_query` on a part of a string
/// reads on behind it; `parse_origin_form` on the whole does not.)
engineio::query parse_query(std::string_view target) {
  engineio::query result;
  auto url = boost::urls::parse_origin_form(target);
  if (!url)
    return result;
  for (auto parameter : url->params()) {
    if (parameter.key == "transport" && result.transport.empty())
      result.transport = parameter.value;
    else if (parameter.key == "sid" && result.sid.empty())
      result.sid = parameter.value;
    else if (parameter.key == "EIO" && result.version.empty())
      result.version = parameter.value;
  }
  return result;
}

/// Whether `path` is the Engine.IO path, with or without its last slash.
bool is_engineio_path(std::string_view path, std::string_view served) {
  return path == served || path == served.substr(0, served.size() - 1);
}

} // namespace

http_connection::http_connection(worker& host, tcp::socket socket,
                                 std::string address)
  : host_(host),
    socket_(std::move(socket)),
    address_(std::move(address)) {
  // A socket that came from another loop has forgotten it; a gathered write or
  // a peek must never block this one.
  error_code ignored;
  socket_.non_blocking(true, ignored);
}

http_connection::~http_connection() {
  host_.timers().cancel(deadline_);
}

void http_connection::start() {
  set_deadline(host_.options().head_timeout);
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
  parser_->header_limit(static_cast<std::uint32_t>(host_.options().head_bytes));
  parser_->body_limit(host_.options().engine.max_payload);
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
    return refuse_and_close(fault->code, fault->name, fault->message);
  set_deadline(host_.options().body_timeout);
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
      return refuse_and_close(fault->code, fault->name, fault->message);
    return end();
  }
  host_.timers().cancel(deadline_);
  request_ = parser_->release();
  parser_.reset();
  dispatch();
}

/// Answers a request that was not read to its end; nothing can follow it.
void http_connection::refuse_and_close(http::status code, std::string_view name,
                                       std::string_view message) {
  request_ = {};
  request_.version(11);
  request_.keep_alive(false);
  awaiting_ = true;
  respond(name.empty() ? http::make_response(code, {}, {})
                       : http::make_error(code, name, message));
}

// -- serving ------------------------------------------------------------------

void http_connection::dispatch() {
  awaiting_ = true;
  std::string_view target = request_.target();
  auto path = target.substr(0, target.find('?'));
  if (http::origin_policy::is_preflight(request_))
    return respond(host_.options().origins.answer_preflight(request_));
  if (is_engineio_path(path, host_.options().path))
    return serve_engineio();
  host_.serve_http()(request_, [self = shared_from_this()](http::response out) {
    self->respond(std::move(out));
  });
}

void http_connection::serve_engineio() {
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
    if (session)
      known = {session->transport()};
  }
  auto refused = engineio::check(head, known);
  if (!refused && !host_.options().origins.allows(request_))
    refused = engineio::refusal::forbidden;
  if (!refused && head.upgrade && buffer_.size() > 0)
    refused = engineio::refusal::bad_request; // frames before the handshake
  if (refused) {
    // A browser's WebSocket shows nobody the body; plain text is for people.
    if (head.upgrade)
      request_.keep_alive(false);
    auto code = static_cast<http::status>(engineio::status_of(*refused));
    respond(head.upgrade ? http::make_response(
              code, "text/html", std::string{engineio::message_of(*refused)})
                         : http::make_response(code, "application/json",
                                               engineio::to_json(*refused)));
    return;
  }
  auto self = shared_from_this();
  if (head.upgrade) {
    awaiting_ = false;
    if (session)
      session->probe(std::move(socket_), request_);
    else
      engine_connection::open_websocket(host_, address_, std::move(socket_),
                                        request_);
  } else if (!session) {
    engine_connection::open_polling(host_, address_, self);
  } else if (request_.method() == http::verb::get) {
    session->poll(self);
    if (awaiting_)
      watch();
  } else if (request_.method() == http::verb::post) {
    session->post(self);
    if (awaiting_)
      watch();
  } else {
    respond(http::make_response(http::status::internal_server_error, {}, {}));
  }
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
  answer.version(request_.version());
  answer.keep_alive(request_.keep_alive());
  host_.options().origins.add_headers(request_, answer);
  if (answer.result() == http::status::no_content)
    answer.set(http::field::content_length, "0");
  else
    answer.prepare_payload();
  write(std::move(answer));
}

void http_connection::write(http::response answer) {
  answer_ = std::move(answer);
  set_deadline(host_.options().body_timeout);
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
  if (error || !keep_alive)
    return end();
  request_ = {};
  set_deadline(host_.options().idle_timeout);
  read_head();
}

// -- the end ------------------------------------------------------------------

void http_connection::set_deadline(std::chrono::milliseconds after) {
  host_.timers().set(deadline_, std::chrono::steady_clock::now() + after,
                     [this] { end(); });
}

void http_connection::end() {
  host_.timers().cancel(deadline_);
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
}

} // namespace observer::transport
