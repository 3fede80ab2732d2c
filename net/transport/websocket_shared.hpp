#pragma once

#include "net/engineio/outgoing.hpp"
#include "net/http/message.hpp"
#include "net/transport/options.hpp"
#include "net/websocket/deflate.hpp"
#include "net/websocket/message_reader.hpp"

#include <optional>
#include <string_view>

namespace observer::transport {

/// What the WebSockets of one loop share, so that none of them has to keep it.
class websocket_shared {
public:
  explicit websocket_shared(const options& settings);

  [[nodiscard]] const websocket::reader_limits& limits() const noexcept {
    return limits_;
  }

  /// What to answer to the extensions that a handshake offers; nothing if none
  /// is used.
  [[nodiscard]] std::optional<std::string_view>
  answer_offers(const http::request& handshake) const;

  [[nodiscard]] websocket::inflater& inflater();

  /// The compressed form of what is sent; the same again if it is worth none.
  /// Made once for all receivers that get it in a row.
  [[nodiscard]] const engineio::outgoing_ptr&
  deflated(const engineio::outgoing_ptr& packets);

private:
  websocket::reader_limits limits_;
  std::optional<std::size_t> deflate_above_;
  std::optional<websocket::inflater> inflater_; ///< made when first needed
  std::optional<websocket::deflater> deflater_; ///< likewise
  engineio::outgoing_ptr last_plain_;
  engineio::outgoing_ptr last_deflated_;
};

} // namespace observer::transport
