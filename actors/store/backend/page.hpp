#pragma once

#include "messages/history.hpp"

#include <algorithm>
#include <cstddef>

namespace observer {

/// Bytes that a client attached to a message.
inline std::size_t size_of(const payload& data) {
  auto result = data.json.size();
  for (auto& attachment : data.attachments)
    result += attachment.size();
  return result;
}

/// Bytes of what a message says.
inline std::size_t size_of(const message& content) {
  return content.text.size() + (content.data ? size_of(*content.data) : 0);
}

/// Whether `reader` may see `content`: direct messages belong to their ends.
inline bool may_read(const message& content,
                     const std::optional<user_id>& reader) {
  return !content.to
         || (reader && (*content.to == *reader || content.from.id == *reader));
}

/// Gathers the events of a `past_query` while they are not too many.
class past_builder {
public:
  explicit past_builder(const past_query& query) : query_(query) {
  }

  /// Takes the event of the next revision. False: that is too much.
  bool add(room_event::any event) {
    bytes_ += event_bytes;
    if (auto* posted = std::get_if<room_event::posted>(&event))
      bytes_ += 2 * size_of(*posted->content); // as `encoded_event` counts
    events_.push_back(std::move(event));
    return bytes_ <= query_.bytes;
  }

  /// All of it, or nothing.
  [[nodiscard]] room_past finish() && {
    auto wanted = query_.upto - std::min(query_.after, query_.upto);
    if (bytes_ > query_.bytes || events_.size() != wanted)
      return {};
    return {std::move(events_)};
  }

private:
  /// What an event costs besides the content of a message.
  static constexpr std::size_t event_bytes = 512;

  past_query query_;
  std::size_t bytes_ = 0;
  room_events events_;
};

/// How much one page may hold, besides what its query says. The first message
/// of a page is always on it.
struct page_limits {
  std::size_t attachments = 10;
  std::size_t bytes = std::size_t{256} * 1024;
};

/// Fills one page in the direction of its query, until it is full.
class page_builder {
public:
  page_builder(const page_query& query, const page_limits& limits)
    : limit_(query.limit),
      limits_(limits),
      backward_(!query.after) {
  }

  /// Takes the next message in reading order. False: the page was full, this
  /// one is not on it and `more` is set.
  bool add(message_ptr next) {
    if (!fits(*next)) {
      page_.more = true;
      return false;
    }
    bytes_ += size_of(*next);
    if (next->data) {
      attachments_ += next->data->attachments.size();
      imitations_ = imitations_ || next->data->imitates_placeholder;
    }
    page_.messages.push_back(std::move(next));
    return true;
  }

  /// The page, oldest message first.
  [[nodiscard]] message_page finish() && {
    if (backward_)
      std::reverse(page_.messages.begin(), page_.messages.end());
    return std::move(page_);
  }

private:
  [[nodiscard]] bool fits(const message& next) const {
    if (page_.messages.size() >= limit_)
      return false;
    if (page_.messages.empty())
      return true;
    if (next.data) {
      auto attachments = attachments_ + next.data->attachments.size();
      // Data that looks like a placeholder must not share a packet with real
      // ones.
      auto imitations = imitations_ || next.data->imitates_placeholder;
      if (attachments > limits_.attachments || (attachments > 0 && imitations))
        return false;
    }
    return bytes_ + size_of(next) <= limits_.bytes;
  }

  std::size_t limit_;
  page_limits limits_;
  bool backward_;
  std::size_t bytes_ = 0;
  std::size_t attachments_ = 0;
  bool imitations_ = false;
  message_page page_;
};

} // namespace observer
