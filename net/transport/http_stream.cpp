#include "net/transport/http_stream.hpp"

#include "net/http/message.hpp"
#include "net/transport/linger.hpp"
#include "net/transport/server.hpp"

#include <boost/asio/error.hpp>
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

bool expects_continue(const http::request& in) {
  return beast::iequals(in[http::field::expect], "100-continue");
}

/// What a body may take that is still to come.
std::size_t body_bytes(const request_parser& parser, const options& limits) {
  if (parser.is_done())
    return 0;
  return static_cast<std::size_t>(
    parser.content_length().value_or(limits.engine.max_payload));
}

} // namespace

http_stream::http_stream(worker& host, tcp::socket socket, door::pass pass)
  : host_(host),
    socket_(std::move(socket)),
    pass_(std::move(pass)),
    buffer_(buffer_bytes(host.options())) {
  // A socket that came from another loop has forgotten it; a gathered write or
  // a peek must never block this one.
  error_code ignored;
  socket_.non_blocking(true, ignored);
  host_.add(*this);
}

http_stream::~http_stream() {
  host_.remove(*this);
  host_.timers().cancel(read_deadline_);
  host_.timers().cancel(write_deadline_);
}

void http_stream::start_reading() {
  set_deadline(read_deadline_, host_.options().head_timeout,
               &host_.parent().met().head_time);
  read_head();
}

void http_stream::go_on_with(http::request in, beast::flat_buffer rest) {
  request_ = std::move(in);
  buffer_ = std::move(rest);
  serve_now();
}

http_exchange_ptr http_stream::step_aside() {
  awaiting_ = false;
  poll_.in = std::exchange(request_, {});
  poll_.awaiting = true;
  return {shared_from_this(), &poll_};
}

tcp::socket http_stream::take_socket() {
  awaiting_ = false;
  return std::move(socket_);
}

// -- reading ------------------------------------------------------------------

void http_stream::read_head() {
  input_ = input::request;
  parser_.emplace();
  set_limits(*parser_, host_.options());
  beast::http::async_read_header(socket_, buffer_, *parser_,
                                 [self = shared_from_this()](error_code error,
                                                             std::size_t) {
                                   self->on_head(error);
                                 });
}

void http_stream::on_head(error_code error) {
  if (input_ == input::over)
    return;
  if (error)
    return on_input_failed(error);
  auto& head = parser_->get();
  if (auto fault = check_head(head, host_.options()))
    return refuse_and_close(*fault);
  normalize(head);
  if (!parser_->is_done() && !wants_body(head)) {
    if (beast::websocket::is_upgrade(head)) // it would be read as frames
      return refuse_and_close(
        {http::status::bad_request, "bad_request", "an upgrade has no body"});
    head.keep_alive(false);
    return take_request();
  }
  if (!poll_.is_there() || !expects_continue(head))
    return accept_body();
  // It waits for a word of ours, and the poll's answer comes before that.
  host_.timers().cancel(read_deadline_);
  held_ = true;
}

void http_stream::accept_body() {
  if (!pass_.hold(body_bytes(*parser_, host_.options())))
    return refuse_and_close(
      {http::status::too_many_requests, "rate_limited",
       "this address has sent too much that has no end yet"});
  set_deadline(read_deadline_, host_.options().body_timeout,
               &host_.parent().met().body_time);
  if (expects_continue(parser_->get())) {
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

void http_stream::read_body() {
  if (parser_->is_done())
    return on_request({});
  beast::http::async_read(socket_, buffer_, *parser_,
                          [self = shared_from_this()](error_code error,
                                                      std::size_t) {
                            self->on_request(error);
                          });
}

void http_stream::on_request(error_code error) {
  if (input_ == input::over)
    return;
  if (error)
    return on_input_failed(error);
  if (auto fault = check_head(parser_->get(), host_.options()))
    return refuse_and_close(*fault);
  take_request();
}

/// Serves what was read, or lets it wait for the poll's answer.
void http_stream::take_request() {
  host_.timers().cancel(read_deadline_);
  input_ = input::idle;
  request_ = parser_->release();
  parser_.reset();
  normalize(request_); // the trailer brought more fields, perhaps
  held_ = poll_.is_there() && !is_urgent(request_);
  if (!held_)
    serve_now();
  if (poll_.awaiting)
    watch();
}

void http_stream::on_input_failed(error_code error) {
  if (auto fault = fault_of(error))
    return refuse_and_close(*fault);
  input_ = input::over;
  host_.timers().cancel(read_deadline_);
  if (!poll_.answer) // else it is on its way, and ends with that
    end();
}

/// Answers a request that was not read to its end; nothing can follow it.
void http_stream::refuse_and_close(const head_fault& fault) {
  if (fault.met != nullptr)
    ++(host_.parent().met().*fault.met);
  host_.timers().cancel(read_deadline_);
  input_ = input::over;
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

void http_stream::serve_now() {
  awaiting_ = true;
  if (host_.is_shut()) // it came from another loop meanwhile
    return shut();
  serve();
}

bool http_stream::reads_ahead() const {
  return poll_.awaiting && poll_.in.keep_alive() && input_ == input::idle
         && !held_ && !awaiting_ && !answer_;
}

void http_stream::watch() {
  if (reads_ahead() && buffer_.size() > 0)
    return start_reading();
  auto is_due = (poll_.awaiting || awaiting_) && input_ == input::idle;
  if (!is_due || std::exchange(watching_, true))
    return;
  socket_.async_wait(tcp::socket::wait_read,
                     [self = shared_from_this()](error_code error) {
                       self->watching_ = false;
                       self->on_readable(error);
                     });
}

void http_stream::on_readable(error_code error) {
  if ((!poll_.awaiting && !awaiting_) || input_ != input::idle)
    return;
  std::array<char, 1> byte;
  auto ended = !error
               && socket_.receive(net::buffer(byte), tcp::socket::message_peek,
                                  error)
                    == 0;
  // A wait from before the request that is being served now.
  if (error == net::error::would_block)
    return watch();
  if (error || ended)
    return end();
  if (reads_ahead())
    start_reading();
}

// -- writing ------------------------------------------------------------------

void http_stream::respond(http::response answer) {
  if (!std::exchange(awaiting_, false))
    return;
  on_broken = nullptr;
  (void) pass_.hold(0);
  finish(request_, answer);
  answer_ = std::move(answer);
  if (!poll_.is_there())
    write();
}

void http_stream::poll::respond(http::response out) {
  if (!std::exchange(awaiting, false))
    return;
  on_broken = nullptr;
  parent.finish(in, out);
  answer = std::move(out);
  parent.write();
}

/// Adds to an answer what all have.
void http_stream::finish(const http::request& in,
                         http::response& answer) const {
  answer.version(in.version());
  answer.keep_alive(in.keep_alive() && !host_.is_shut());
  if (answer.keep_alive())
    http::announce_keep_alive(answer, host_.options().idle_timeout);
  http::add_common_fields(answer);
  host_.options().origins.add_headers(in, answer);
  if (answer.result() == http::status::no_content)
    answer.set(http::field::content_length, "0");
  else
    answer.prepare_payload();
}

/// Writes the answer whose turn it is.
void http_stream::write() {
  auto& answer = poll_.answer ? *poll_.answer : *answer_;
  auto& in = poll_.answer ? poll_.in : request_;
  set_deadline(write_deadline_, host_.options().body_timeout,
               &host_.parent().met().body_time);
  auto done = [self = shared_from_this()](error_code error, std::size_t) {
    self->on_written(error);
  };
  if (in.method() == http::verb::head) {
    using empty = beast::http::response<beast::http::empty_body>;
    auto head = std::make_shared<empty>(std::move(answer.base()));
    beast::http::async_write(
      socket_, *head, [head, done](error_code error, std::size_t n) mutable {
        done(error, n);
      });
    return;
  }
  beast::http::async_write(socket_, answer, std::move(done));
}

void http_stream::on_written(error_code error) {
  host_.timers().cancel(write_deadline_);
  if (error)
    return end();
  auto& in = poll_.answer ? poll_.in : request_;
  if (!in.keep_alive() || host_.is_shut())
    input_ = input::over;
  in = {};
  (poll_.answer ? poll_.answer : answer_).reset();
  go_on();
}

/// An answer has left: whatever comes next.
void http_stream::go_on() {
  if (answer_)
    return write();
  if (awaiting_)
    return watch();
  if (input_ == input::over) {
    set_deadline(write_deadline_, close_timeout);
    return linger(socket_, [self = shared_from_this()] { self->end(); });
  }
  if (std::exchange(held_, false))
    return input_ == input::request ? accept_body() : serve_now();
  if (input_ == input::request)
    return;
  set_deadline(read_deadline_, host_.options().idle_timeout,
               &host_.parent().met().idle_time);
  read_head();
}

// -- the end ------------------------------------------------------------------

/// @param met counts that the deadline passed.
void http_stream::set_deadline(io::timer_queue::handle& which,
                               std::chrono::milliseconds after,
                               limit_counts::counter* met) {
  host_.timers().set(which, std::chrono::steady_clock::now() + after,
                     [this, met] {
                       if (met != nullptr)
                         ++*met;
                       end();
                     });
}

void http_stream::shut() {
  auto is_read = held_ && input_ == input::idle;
  input_ = input::over;
  held_ = false;
  awaiting_ = awaiting_ || is_read;
  auto unavailable = [] {
    return http::make_error(http::status::service_unavailable, "unavailable",
                            "the server is going down");
  };
  if (poll_.awaiting)
    poll_.respond(unavailable());
  if (awaiting_)
    respond(unavailable());
  if (!poll_.answer && !answer_) // nobody waits for anything
    end();
}

void http_stream::end() {
  auto self = shared_from_this();
  input_ = input::over;
  awaiting_ = false;
  poll_.awaiting = false;
  host_.timers().cancel(read_deadline_);
  host_.timers().cancel(write_deadline_);
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  if (auto broken = std::exchange(poll_.on_broken, nullptr))
    broken();
  if (auto broken = std::exchange(on_broken, nullptr))
    broken();
}

} // namespace observer::transport
