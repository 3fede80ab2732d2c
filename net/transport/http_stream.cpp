#include "net/transport/http_stream.hpp"

#include "net/http/message.hpp"
#include "net/io/linger.hpp"
#include "net/transport/server.hpp"

#include <boost/beast/websocket/rfc6455.hpp>

#include <string>
#include <utility>

namespace observer::transport {

namespace beast = boost::beast;

namespace {

/// How long a client may take to end its side after the last answer.
constexpr auto close_timeout = std::chrono::seconds{5};

bool expects_continue(const http::request& in) {
  return beast::iequals(in[http::field::expect], "100-continue");
}

} // namespace

http_stream::http_stream(worker& host, io::stream_socket socket,
                         door::pass pass)
  : host_(host),
    channel_(io::open_channel(host.loop(), std::move(socket), *this)),
    pass_(std::move(pass)),
    reader_(host.options()) {
  host_.add(*this);
}

http_stream::~http_stream() {
  host_.remove(*this);
  host_.timers().cancel(read_deadline_);
  host_.timers().cancel(write_deadline_);
}

std::shared_ptr<http_stream> http_stream::self() {
  return std::static_pointer_cast<http_stream>(shared_from_this());
}

void http_stream::start_reading() {
  set_deadline(read_deadline_, host_.options().head_timeout,
               &host_.parent().met().head_time);
  read_request();
}

void http_stream::go_on_with(http::request in, std::span<const char> rest) {
  request_ = std::move(in);
  reader_.add(rest);
  channel_->read(true);
  serve_now();
}

http_exchange_ptr http_stream::step_aside() {
  awaiting_ = false;
  poll_.in = std::exchange(request_, {});
  poll_.awaiting = true;
  return {self(), &poll_};
}

void http_stream::leave() {
  awaiting_ = false;
  input_ = input::over;
}

raw_connection http_stream::hand_over() {
  leave();
  return {std::move(channel_), reader_.take_unread(), std::move(pass_)};
}

// -- reading ------------------------------------------------------------------

void http_stream::on_bytes(std::span<char> bytes) {
  auto keep = self();
  if (input_ == input::over) // nobody wants to know
    return;
  reader_.add(bytes);
  if (reads_ahead())
    start_reading();
  else
    advance();
  // What waits for its turn waits here only to some extent.
  if (channel_ && reader_.is_full())
    channel_->read(false);
}

void http_stream::on_input_end() {
  auto keep = self();
  input_ended_ = true;
  if (watching_ && (poll_.awaiting || awaiting_))
    return end();
  if (input_ == input::request && !held_)
    on_input_over();
}

void http_stream::read_request() {
  input_ = input::request;
  advance();
}

/// Reads what has come, until more must come or something be answered first.
void http_stream::advance() {
  if (std::exchange(advancing_, true)) // whoever called this goes on
    return;
  while (input_ == input::request && !held_) {
    auto read = reader_.next();
    if (!read)
      refuse_and_close(*fault_of(read.error()));
    else if (*read == request_reader::progress::head)
      on_head();
    else if (*read == request_reader::progress::done)
      on_request();
    else {
      await_more();
      break;
    }
  }
  advancing_ = false;
}

void http_stream::await_more() {
  if (input_ended_)
    on_input_over();
  else
    channel_->read(true);
}

void http_stream::on_head() {
  auto& head = reader_.request();
  if (auto fault = check_head(head, host_.options()))
    return refuse_and_close(*fault);
  normalize(head);
  if (!reader_.is_done() && !wants_body(head)) {
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
  if (!pass_.hold(reader_.body_bytes()))
    return refuse_and_close(
      {http::status::too_many_requests, "rate_limited",
       "this address has sent too much that has no end yet"});
  set_deadline(read_deadline_, host_.options().body_timeout,
               &host_.parent().met().body_time);
  if (expects_continue(reader_.request()))
    channel_->push(
      std::make_shared<std::string>("HTTP/1.1 100 Continue\r\n\r\n"));
  advance();
}

void http_stream::on_request() {
  // A trailer brought more fields, perhaps.
  if (auto fault = check_head(reader_.request(), host_.options()))
    return refuse_and_close(*fault);
  take_request();
}

/// Serves what was read, or lets it wait for the poll's answer.
void http_stream::take_request() {
  host_.timers().cancel(read_deadline_);
  input_ = input::idle;
  request_ = reader_.take();
  normalize(request_);
  held_ = poll_.is_there() && !is_urgent(request_);
  if (!held_)
    serve_now();
  if (poll_.awaiting)
    watch();
}

/// The client has ended its side, and all that it said is read.
void http_stream::on_input_over() {
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
  if (reads_ahead() && reader_.unread_bytes() > 0)
    return start_reading();
  watching_ = (poll_.awaiting || awaiting_) && input_ == input::idle;
  if (watching_ && input_ended_)
    end();
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
  // Of a 304 it would be that of the 200 (RFC 9110, section 8.6).
  else if (answer.result() != http::status::not_modified)
    answer.prepare_payload();
}

/// Writes the answer whose turn it is.
void http_stream::write() {
  auto& answer = poll_.answer ? *poll_.answer : *answer_;
  auto& in = poll_.answer ? poll_.in : request_;
  set_deadline(write_deadline_, host_.options().body_timeout,
               &host_.parent().met().body_time);
  channel_->push(std::make_shared<std::string>(http::to_head(answer)));
  if (answer.body().size() > 0 && in.method() != http::verb::head)
    channel_->push(answer.body().shared());
  channel_->tell_drained();
}

void http_stream::on_drained() {
  auto keep = self();
  host_.timers().cancel(write_deadline_);
  watching_ = false;
  auto& in = poll_.answer ? poll_.in : request_;
  if (!in.keep_alive() || host_.is_shut())
    input_ = input::over;
  in = {};
  (poll_.answer ? poll_.answer : answer_).reset();
  go_on();
}

void http_stream::on_output_failed() {
  end();
}

/// An answer has left: whatever comes next.
void http_stream::go_on() {
  if (answer_)
    return write();
  if (awaiting_)
    return watch();
  if (input_ == input::over)
    return io::linger(host_.loop(), std::move(channel_),
                      std::chrono::steady_clock::now() + close_timeout,
                      std::make_shared<door::pass>(std::move(pass_)));
  if (std::exchange(held_, false))
    return input_ == input::request ? accept_body() : serve_now();
  if (input_ == input::request)
    return;
  set_deadline(read_deadline_, host_.options().idle_timeout,
               &host_.parent().met().idle_time);
  read_request();
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
  auto keep = self();
  input_ = input::over;
  awaiting_ = false;
  poll_.awaiting = false;
  host_.timers().cancel(read_deadline_);
  host_.timers().cancel(write_deadline_);
  if (channel_)
    channel_->close();
  if (auto broken = std::exchange(poll_.on_broken, nullptr))
    broken();
  if (auto broken = std::exchange(on_broken, nullptr))
    broken();
}

} // namespace observer::transport
