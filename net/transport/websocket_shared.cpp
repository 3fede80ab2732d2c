#include "net/transport/websocket_shared.hpp"

namespace observer::transport {

websocket_shared::websocket_shared(const options& settings)
  : limits_{settings.engine.max_payload, settings.fragments},
    deflate_above_(settings.deflate_above) {
}

std::optional<std::string_view>
websocket_shared::answer_offers(const http::request& handshake) const {
  if (!deflate_above_)
    return std::nullopt;
  auto [first, last]
    = handshake.equal_range(http::field::sec_websocket_extensions);
  for (; first != last; ++first)
    if (auto answer = websocket::answer_offers(first->value()))
      return answer;
  return std::nullopt;
}

websocket::inflater& websocket_shared::inflater() {
  if (!inflater_)
    inflater_.emplace();
  return *inflater_;
}

const engineio::outgoing_ptr&
websocket_shared::deflated(const engineio::outgoing_ptr& packets) {
  if (last_plain_ == packets)
    return last_deflated_;
  if (!deflater_)
    deflater_.emplace();
  last_plain_ = packets;
  last_deflated_ = engineio::outgoing::deflate(packets, *deflate_above_,
                                               *deflater_);
  return last_deflated_;
}

} // namespace observer::transport
