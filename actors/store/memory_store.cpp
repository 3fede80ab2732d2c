#include "actors/store/page.hpp"
#include "actors/store/store.hpp"

#include <algorithm>
#include <deque>
#include <map>

namespace observer {

namespace {

class memory_store final : public store {
public:
  explicit memory_store(const page_limits& limits) : limits_(limits) {
  }

  [[nodiscard]] stored_rooms index() const override {
    auto result = index_;
    for (auto& [id, room] : rooms_)
      if (!room.closed)
        result.open.push_back(id);
    return result;
  }

  void append(std::span<const room_append> batch) override {
    for (auto& x : batch)
      for (auto& event : *x.events)
        append_event(x.room, event);
    ++commits_;
  }

  [[nodiscard]] room_events load(room_id room) const override {
    auto i = rooms_.find(room);
    return i != rooms_.end() ? i->second.tail : room_events{};
  }

  [[nodiscard]] message_page read(const page_query& query) const override {
    page_builder page{query, limits_};
    auto i = rooms_.find(query.room);
    if (i == rooms_.end())
      return std::move(page).finish();
    auto& all = i->second.messages;
    auto first_from = [&](sequence seq) {
      return std::lower_bound(all.begin(), all.end(), seq,
                              [](const message_ptr& x, sequence y) {
                                return x->seq < y;
                              });
    };
    auto begin = query.after ? first_from(*query.after + 1) : all.begin();
    auto end = all.end();
    if (query.before)
      end = std::min(end, first_from(*query.before));
    if (query.upto)
      end = std::min(end, first_from(*query.upto + 1));
    auto wanted = [&](const message_ptr& x) {
      return !may_read(*x, query.reader) || page.add(x);
    };
    if (query.after) {
      while (begin < end && wanted(*begin))
        ++begin;
    } else {
      while (begin < end && wanted(*(end - 1)))
        --end;
    }
    return std::move(page).finish();
  }

  bool trim(const retention& keep, timestamp now) override {
    for (auto& [id, room] : rooms_) {
      auto& all = room.messages;
      while (!all.empty()
             && ((keep.count && all.size() > *keep.count)
                 || (keep.age && all.front()->sent_at < now - *keep.age)))
        all.pop_front();
    }
    if (keep.age)
      std::erase_if(rooms_, [&](auto& x) {
        return x.second.closed && x.second.messages.empty();
      });
    return false;
  }

  void probe() override {
    // There is always room.
  }

  void forget(room_id room) override {
    rooms_.erase(room);
  }

  [[nodiscard]] store_snapshot snapshot() const override {
    return {"memory", true, rooms_.size(), events_, commits_, 0};
  }

private:
  struct stored_room {
    std::deque<message_ptr> messages;
    room_events tail; ///< since the last `restored`
    bool closed = false;
  };

  void append_event(room_id id, const room_event::any& event) {
    auto& room = rooms_[id];
    if (std::holds_alternative<room_event::restored>(event))
      room.tail.clear();
    else
      ++events_;
    if (auto* posted = std::get_if<room_event::posted>(&event))
      room.messages.push_back(posted->content);
    else if (auto* created = std::get_if<room_event::created>(&event))
      note_ids(id, created->host.id);
    else if (auto* joined = std::get_if<room_event::joined>(&event))
      note_ids(id, joined->user.id);
    else if (std::holds_alternative<room_event::closed>(event))
      room.closed = true;
    room.tail.push_back(event);
  }

  void note_ids(room_id room, user_id user) {
    index_.next_room = std::max(index_.next_room, room_id{to_number(room) + 1});
    index_.next_user = std::max(index_.next_user, user_id{to_number(user) + 1});
  }

  page_limits limits_;
  std::map<room_id, stored_room> rooms_;
  stored_rooms index_; ///< without `open`
  std::uint64_t events_ = 0;
  std::uint64_t commits_ = 0;
};

} // namespace

std::unique_ptr<store> make_memory_store(const page_limits& limits) {
  return std::make_unique<memory_store>(limits);
}

} // namespace observer
