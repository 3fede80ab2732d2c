#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional/optional.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace observer::http {

/// The text of an answer. Copies share it, so that what many ask for is there
/// once.
class shared_text {
public:
  shared_text() = default;

  shared_text(std::string text)
    : text_(std::make_shared<const std::string>(std::move(text))) {
  }

  shared_text(const char* text) : shared_text(std::string{text}) {
  }

  /// @param text is not null.
  shared_text(std::shared_ptr<const std::string> text)
    : text_(std::move(text)) {
  }

  [[nodiscard]] const std::string& operator*() const noexcept {
    return *text_;
  }

  [[nodiscard]] std::size_t size() const noexcept {
    return text_->size();
  }

  [[nodiscard]] const std::shared_ptr<const std::string>&
  shared() const noexcept {
    return text_;
  }

private:
  inline static const auto nothing_ = std::make_shared<const std::string>();
  std::shared_ptr<const std::string> text_ = nothing_;
};

/// Body of a message that is only written (see Beast's concepts Body and
/// BodyWriter).
struct shared_body {
  using value_type = shared_text;

  static std::uint64_t size(const value_type& body) noexcept {
    return body.size();
  }

  class writer {
  public:
    using const_buffers_type = boost::asio::const_buffer;

    template <bool IsRequest, class Fields>
    writer(const boost::beast::http::header<IsRequest, Fields>&,
           const value_type& body)
      : body_(body) {
    }

    void init(boost::beast::error_code& error) noexcept {
      error = {};
    }

    boost::optional<std::pair<const_buffers_type, bool>>
    get(boost::beast::error_code& error) noexcept {
      error = {};
      return {{const_buffers_type{(*body_).data(), body_.size()}, false}};
    }

  private:
    const value_type& body_;
  };
};

} // namespace observer::http
