#include "actors/registry/survey.hpp"

#include <algorithm>
#include <utility>

namespace observer {

std::vector<caf::message_id> survey::give_up() {
  std::vector<caf::message_id> result;
  for (auto& [room, question] : std::exchange(under_way_, {}))
    result.push_back(question);
  return result;
}

// -- rooms --------------------------------------------------------------------

room_survey::room_survey(std::optional<room_id> after, std::size_t limit,
                         std::size_t members, bool summary, receiver done)
  : survey(after),
    limit_(limit),
    members_limit_(members),
    summary_(summary),
    done_(std::move(done)) {
}

void room_survey::add(const room_data_ptr& room) {
  room_row row{room, count_heads(*room)};
  if (summary_) {
    auto bare = std::make_shared<room_data>(*room);
    bare->participants = {};
    row.room = std::move(bare);
  } else {
    members_ += room->participants.size();
  }
  rows_.emplace(room->id, std::move(row));
}

bool room_survey::is_full(std::size_t coming) const {
  return rows_.size() + coming >= limit_ || members_ > members_limit_;
}

/// Rooms answer in any order, so more may be known than fit.
void room_survey::finish(bool rooms_left) {
  auto page = std::make_shared<room_page>();
  std::size_t members = 0;
  for (auto& [id, row] : rows_) {
    members += row.room->participants.size();
    auto fits = page->rooms.empty()
                || (page->rooms.size() < limit_ && members <= members_limit_);
    if (!fits) {
      page->next = page->rooms.back().room->id;
      break;
    }
    page->rooms.push_back(std::move(row));
  }
  if (!page->next && rooms_left)
    page->next = last_asked();
  done_(std::move(page));
}

// -- users --------------------------------------------------------------------

user_survey::user_survey(std::optional<user_id> after, std::size_t limit,
                         receiver done)
  : survey(std::nullopt),
    after_(after),
    limit_(limit),
    done_(std::move(done)) {
}

void user_survey::add(const room_data_ptr& room) {
  for (auto& user : room->participants)
    if (!after_ || user.id > *after_)
      rows_.push_back({user, room->id});
  if (rows_.size() > 4 * (limit_ + 1))
    keep(limit_ + 1);
}

void user_survey::keep(std::size_t count) {
  if (rows_.size() <= count)
    return;
  auto end = rows_.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(rows_.begin(), end, rows_.end(),
                   [](auto& a, auto& b) { return a.user.id < b.user.id; });
  rows_.erase(end, rows_.end());
}

void user_survey::finish(bool) {
  keep(limit_ + 1);
  std::sort(rows_.begin(), rows_.end(),
            [](auto& a, auto& b) { return a.user.id < b.user.id; });
  auto page = std::make_shared<user_page>();
  if (rows_.size() > limit_) {
    rows_.pop_back();
    page->next = rows_.back().user.id;
  }
  page->users = std::move(rows_);
  done_(std::move(page));
}

} // namespace observer
