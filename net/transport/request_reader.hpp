#pragma once

#include "net/transport/request_head.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace observer::transport {

/// Reads one request after the other out of a connection's bytes, however they
/// are cut. No I/O.
class request_reader {
public:
  enum class progress {
    more, ///< bytes have to come first
    head, ///< the head is there; may be changed before `next`, or all is taken
    done, ///< all of it is
  };

  /// @param limits must outlive it
  explicit request_reader(const options& limits) : limits_(limits) {
  }

  /// Bytes came. They wait until they are read.
  void add(std::span<const char> bytes);

  /// Reads on.
  /// @returns an error for which `fault_of` has an answer; nothing can be read
  ///          behind that
  [[nodiscard]] boost::system::result<progress> next();

  /// The request of which the head is there.
  [[nodiscard]] http::request& request() {
    return parser_->get();
  }

  /// Whether there is nothing behind the head.
  [[nodiscard]] bool is_done() const {
    return parser_->is_done();
  }

  /// What the body may take, as far as the head tells.
  [[nodiscard]] std::size_t body_bytes() const;

  /// Ends the reading of this request, whose body may be left out.
  [[nodiscard]] http::request take();

  [[nodiscard]] std::size_t unread_bytes() const noexcept {
    return unread_.size() - read_;
  }

  /// So much waits that the peer should.
  [[nodiscard]] bool is_full() const noexcept {
    return unread_bytes() >= buffer_bytes(limits_);
  }

  /// What came and belongs to no request.
  [[nodiscard]] std::string take_unread();

private:
  using basic_parser = boost::beast::http::basic_parser<true>;

  [[nodiscard]] bool read_until(bool (basic_parser::*is_there)() const,
                                boost::system::error_code& error);

  const options& limits_;
  std::optional<request_parser> parser_; ///< while a request is read
  std::string unread_;                   ///< holds no memory while all is read
  std::size_t read_ = 0;                 ///< bytes of it that are read
};

} // namespace observer::transport
