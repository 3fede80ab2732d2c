#include "net/gateway/ended_clients.hpp"

#include "net/gateway/json_writer.hpp"
#include "net/gateway/model_json.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace observer::gateway {

namespace {

using ending = engineio::close_reason; // rooms have one as well

std::string seconds(std::chrono::milliseconds time) {
  return fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1000);
}

std::string size(std::uint64_t bytes) {
  if (bytes < 1024)
    return fmt::format("{} bytes", bytes);
  if (bytes < 1024 * 1024)
    return fmt::format("{:.1f} KiB", static_cast<double>(bytes) / 1024);
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / 1024 / 1024);
}

std::string cause(const ended_client& who) {
  auto& life = who.life;
  if (!who.reason)
    return "left by itself: its program called disconnect()";
  switch (*who.reason) {
    case ending::transport_close:
      return "the line broke: the client, or something on the way to it, "
             "closed TCP";
    case ending::client_close:
      return "took its leave: its program closed the connection, or its page "
             "was left";
    case ending::ping_timeout:
      return "answered no ping for " + seconds(life.silent)
             + ": it sleeps, is stopped, or the line is dead";
    case ending::parse_error:
      return "said what is not Socket.IO";
    case ending::overfull_post:
      return "put more packets into one polling request than are allowed";
    case ending::oversized:
      return "said more at once than is allowed";
    case ending::unfinished:
      return "began a message whose end did not come, or too many of them";
    case ending::server_close:
      return "was ended by the server";
    case ending::going_away:
      return "was ended because the server goes down";
    case ending::slow_reader:
      return "read nothing while " + size(life.queued) + " waited: cut off";
    case ending::flooding:
      return "said more packets or bytes a second than are allowed";
  }
  return "ended";
}

} // namespace

std::string_view
reason_code(const std::optional<engineio::close_reason>& reason) {
  return reason ? engineio::to_string_view(*reason) : "disconnect";
}

std::string explain(const ended_client& who) {
  auto& life = who.life;
  auto result = cause(who);
  if (!life.detail.empty())
    result += " (" + life.detail + ")";
  result += fmt::format("; on {}, from {}, after {}", life.transport,
                        who.address, seconds(life.age));
  if (who.reason != ending::ping_timeout)
    result += fmt::format("; last heard {} before", seconds(life.silent));
  if (who.reason != ending::slow_reader && life.queued > 0)
    result += "; " + size(life.queued) + " waited to be read";
  return result;
}

std::string_view
what_comes_next(const std::optional<engineio::close_reason>& reason) {
  if (!reason)
    return "it stays away until its program connects again";
  switch (*reason) {
    case ending::client_close:
      return "it stays away if its program closed it; a page comes back when "
             "it is loaded again";
    case ending::parse_error:
    case ending::overfull_post:
    case ending::oversized:
    case ending::unfinished:
    case ending::flooding:
      return "official clients come back by themselves; one that does the same "
             "again ends the same way";
    default:
      return "official clients come back by themselves, after 1 to 5 s";
  }
}

// -- those who are kept -------------------------------------------------------

void ended_clients::add(ended_client who, time_point now) {
  std::lock_guard guard{mutex_};
  ++counts_[reason_code(who.reason)];
  forget_old(now);
  if (who.socket_id.empty())
    return;
  if (kept_.size() == keep_most)
    kept_.pop_front();
  kept_.push_back({now, std::move(who)});
}

std::optional<ended_client> ended_clients::find(std::string_view socket_id,
                                                time_point now) {
  std::lock_guard guard{mutex_};
  forget_old(now);
  auto i = std::find_if(kept_.rbegin(), kept_.rend(),
                        [&](auto& x) { return x.who.socket_id == socket_id; });
  return i == kept_.rend() ? std::nullopt : std::optional{i->who};
}

std::vector<ended_client> ended_clients::newest(std::size_t most,
                                                time_point now) {
  std::lock_guard guard{mutex_};
  forget_old(now);
  std::vector<ended_client> result;
  for (auto i = kept_.rbegin(); i != kept_.rend() && result.size() < most; ++i)
    result.push_back(i->who);
  return result;
}

std::map<std::string_view, std::uint64_t> ended_clients::counts() const {
  std::lock_guard guard{mutex_};
  return counts_;
}

std::size_t ended_clients::size(time_point now) {
  std::lock_guard guard{mutex_};
  forget_old(now);
  return kept_.size();
}

void ended_clients::forget_old(time_point now) {
  while (!kept_.empty() && now - kept_.front().at > keep_for)
    kept_.pop_front();
}

// -- JSON ---------------------------------------------------------------------

void append(std::string& out, const ended_client& x, bool whole) {
  object_writer object{out};
  auto& life = x.life;
  object.add("socket_id", x.socket_id);
  object.add("address", x.address);
  object.add("ended_at", x.at);
  object.add("reason", reason_code(x.reason));
  object.add("why", explain(x));
  object.add("next", what_comes_next(x.reason));
  if (!whole)
    return;
  object.add("transport", life.transport);
  object.add("protocol", life.protocol);
  object.add("age_ms", life.age.count());
  object.add("silent_ms", life.silent.count());
  if (life.upgraded)
    object.add("upgraded_ms", life.upgraded->count());
  object.add("received", life.received);
  object.add("sent", life.sent);
  object.add("messages", life.messages);
  object.add("queued", life.queued);
  object.add("queued_most", life.queued_most);
  append_array(object.raw("last"), life.last, [](auto& to, auto& note) {
    object_writer one{to};
    one.add("at_ms", note.at_ms);
    one.add("type", to_string(note.type));
    one.add("bytes", note.bytes);
  });
}

} // namespace observer::gateway
