#pragma once

#include "messages/actors.hpp"

#include <algorithm>
#include <cstddef>

namespace observer {

/// Whether `reader` may see `content`: direct messages belong to their ends.
inline bool may_read(const message& content,
                     const std::optional<user_id>& reader) {
  return !content.to
         || (reader && (*content.to == *reader || content.from.id == *reader));
}

/// Fills one page in the direction of its query, until it is full.
class page_builder {
public:
  page_builder(const page_query& query, std::uint32_t attachment_limit)
    : limit_(query.limit),
      attachments_left_(attachment_limit),
      backward_(!query.after) {
  }

  /// Takes the next message in reading order. False: the page was full, this
  /// one is not on it and `more` is set.
  bool add(message_ptr next) {
    auto attachments = next->data ? next->data->attachments.size() : 0;
    if (page_.messages.size() >= limit_ || attachments > attachments_left_) {
      page_.more = true;
      return false;
    }
    attachments_left_ -= attachments;
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
  std::size_t limit_;
  std::size_t attachments_left_;
  bool backward_;
  message_page page_;
};

} // namespace observer
