#pragma once

#include <boost/system/result.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// permessage-deflate (RFC 7692), always without context takeover: each message
/// stands alone. So no connection keeps a window of 32 KiB and more, and what
/// is compressed once is right for all receivers.
namespace observer::websocket {

/// What to answer to a client's `Sec-WebSocket-Extensions`: the value of the
/// same field in the answer. Nothing if it offers no compression that we can
/// keep to, i.e. one with a full window for what we send.
/// @param offers the values of all such fields, joined by commas.
[[nodiscard]] std::optional<std::string_view>
answer_offers(std::string_view offers);

/// Inflates messages, one at a time. One serves a whole loop.
class inflater {
public:
  inflater();
  ~inflater();
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;

  /// @param payload of a message, all its frames together.
  /// @param max how large the result may be, in bytes.
  /// @returns a view of what is inside, valid until the next call; or
  ///          `errc::bad_compressed_data` or `errc::message_too_big`.
  [[nodiscard]] boost::system::result<std::string_view>
  inflate(std::string_view payload, std::size_t max);

private:
  struct state;
  std::unique_ptr<state> state_;
  std::string out_;
};

/// Deflates messages, one at a time. One serves a whole loop.
class deflater {
public:
  deflater();
  ~deflater();
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;

  /// @returns the payload of one compressed frame.
  [[nodiscard]] std::string deflate(std::string_view message);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace observer::websocket
