#pragma once

#include "net/http/message.hpp"

#include <functional>
#include <memory>

namespace observer::transport {

/// One HTTP request that waits for its answer.
class http_exchange {
public:
  virtual ~http_exchange() = default;

  [[nodiscard]] virtual const http::request& request() const = 0;

  /// Sends the answer; only the first counts. Adds the headers that every
  /// answer has.
  virtual void respond(http::response answer) = 0;

  /// Called if the connection breaks before the answer.
  std::function<void()> on_broken;
};

using http_exchange_ptr = std::shared_ptr<http_exchange>;

} // namespace observer::transport
