#include "net/websocket/deflate.hpp"

#include "net/websocket/error.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <zlib.h>

namespace observer::websocket {

namespace {

/// Raw deflate with the largest window.
constexpr int raw_window_bits = -15;
constexpr int memory_level = 8;

/// What a flushed deflate block ends with, and what does not travel (RFC 7692,
/// section 7.2.1).
constexpr std::string_view flush_tail{"\x00\x00\xff\xff", 4};

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  auto begin = std::min(text.find_first_not_of(blanks), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// Takes what stands before the next separator. (Beast's `ext_list` of 1.81
/// mixes the parameters of several offers up.)
std::string_view take_item(std::string_view& list, char separator) {
  auto end = std::min(list.find(separator), list.size());
  auto item = trim(list.substr(0, end));
  list.remove_prefix(std::min(end + 1, list.size()));
  return item;
}

/// Whether we can do what a parameter asks for. Only a smaller window for what
/// we send would bind us: our frames are made for everybody.
bool is_acceptable(std::string_view parameter) {
  auto value = parameter;
  auto name = take_item(value, '=');
  if (name == "server_max_window_bits")
    return value == "15";
  if (name == "client_max_window_bits")
    return true;
  return (name == "server_no_context_takeover"
          || name == "client_no_context_takeover")
         && value.empty();
}

bool is_acceptable_offer(std::string_view offer) {
  if (take_item(offer, ';') != "permessage-deflate")
    return false;
  while (!offer.empty())
    if (!is_acceptable(take_item(offer, ';')))
      return false;
  return true;
}

Bytef* bytes_of(const char* text) {
  // zlib reads only, but says so nowhere.
  return reinterpret_cast<Bytef*>(const_cast<char*>(text));
}

} // namespace

std::optional<std::string_view> answer_offers(std::string_view offers) {
  auto found = false;
  while (!found && !offers.empty())
    found = is_acceptable_offer(take_item(offers, ','));
  if (!found)
    return std::nullopt;
  return "permessage-deflate; server_no_context_takeover; "
         "client_no_context_takeover";
}

// -- inflater -----------------------------------------------------------------

struct inflater::state : z_stream {};

inflater::inflater() : state_(std::make_unique<state>()) {
  if (inflateInit2(state_.get(), raw_window_bits) != Z_OK)
    throw std::bad_alloc{};
}

inflater::~inflater() {
  inflateEnd(state_.get());
}

boost::system::result<std::string_view>
inflater::inflate(std::string_view payload, std::size_t max) {
  inflateReset(state_.get());
  out_.clear();
  std::array<char, 16 * 1024> chunk;
  for (auto part : {payload, flush_tail}) {
    state_->next_in = bytes_of(part.data());
    state_->avail_in = static_cast<uInt>(part.size());
    do {
      state_->next_out = reinterpret_cast<Bytef*>(chunk.data());
      state_->avail_out = chunk.size();
      auto outcome = ::inflate(state_.get(), Z_SYNC_FLUSH);
      if (outcome != Z_OK && outcome != Z_BUF_ERROR && outcome != Z_STREAM_END)
        return errc::bad_compressed_data;
      auto size = chunk.size() - state_->avail_out;
      if (size > max - out_.size())
        return errc::message_too_big;
      out_.append(chunk.data(), size);
      // A block that ends the stream ends the message: RFC 7692, section 7.2.3.
      if (outcome == Z_STREAM_END)
        return std::string_view{out_};
    } while (state_->avail_in > 0 || state_->avail_out == 0);
  }
  return std::string_view{out_};
}

// -- deflater -----------------------------------------------------------------

struct deflater::state : z_stream {};

deflater::deflater() : state_(std::make_unique<state>()) {
  if (deflateInit2(state_.get(), Z_BEST_SPEED, Z_DEFLATED, raw_window_bits,
                   memory_level, Z_DEFAULT_STRATEGY)
      != Z_OK)
    throw std::bad_alloc{};
}

deflater::~deflater() {
  deflateEnd(state_.get());
}

std::string deflater::deflate(std::string_view message) {
  deflateReset(state_.get());
  // The flush needs a little more than zlib promises for the data.
  std::string out(deflateBound(state_.get(), message.size()) + 16, '\0');
  state_->next_in = bytes_of(message.data());
  state_->avail_in = static_cast<uInt>(message.size());
  state_->next_out = reinterpret_cast<Bytef*>(out.data());
  state_->avail_out = static_cast<uInt>(out.size());
  ::deflate(state_.get(), Z_SYNC_FLUSH);
  out.resize(out.size() - state_->avail_out - flush_tail.size());
  return out;
}

} // namespace observer::websocket
