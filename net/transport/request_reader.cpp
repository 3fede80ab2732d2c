#include "net/transport/request_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <utility>

namespace observer::transport {

using boost::system::error_code;
using boost::system::result;

void request_reader::add(std::span<const char> bytes) {
  unread_.erase(0, std::exchange(read_, 0));
  unread_.append(bytes.data(), bytes.size());
}

result<request_reader::progress> request_reader::next() {
  if (!parser_) {
    parser_.emplace();
    set_limits(*parser_, limits_);
  }
  auto had_head = parser_->is_header_done();
  parser_->eager(had_head);
  error_code error;
  auto is_there = read_until(
    had_head ? &basic_parser::is_done : &basic_parser::is_header_done, error);
  if (error)
    return error;
  if (!is_there)
    return progress::more;
  return had_head ? progress::done : progress::head;
}

/// As Beast's `async_read` does, with what it would take for its buffer.
bool request_reader::read_until(bool (basic_parser::*is_there)() const,
                                error_code& error) {
  while (!((*parser_).*is_there)()) {
    auto size = std::min(unread_bytes(), buffer_bytes(limits_));
    if (size == 0)
      return false;
    auto used = parser_->put(
      boost::asio::const_buffer{unread_.data() + read_, size}, error);
    read_ += used;
    if (read_ == unread_.size())
      (void) take_unread();
    auto needs_more = error == boost::beast::http::error::need_more;
    if (error && !needs_more)
      return false;
    error = {};
    if (used > 0 || !needs_more)
      continue;
    if (size == buffer_bytes(limits_))
      error = boost::beast::http::error::buffer_overflow;
    return false;
  }
  return true;
}

std::size_t request_reader::body_bytes() const {
  if (parser_->is_done())
    return 0;
  return static_cast<std::size_t>(
    parser_->content_length().value_or(limits_.engine.max_payload));
}

http::request request_reader::take() {
  auto result = parser_->release();
  parser_.reset();
  return result;
}

std::string request_reader::take_unread() {
  auto rest = std::exchange(unread_, {});
  rest.erase(0, std::exchange(read_, 0));
  return rest;
}

} // namespace observer::transport
