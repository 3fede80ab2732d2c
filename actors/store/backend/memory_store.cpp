#include "actors/store/backend/page.hpp"
#include "actors/store/backend/store.hpp"

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

  void append(std::span<const room_append> rooms,
              std::span<const session_change> sessions) override {
    for (auto& x : sessions)
      std::visit([this](auto& change) { apply(change); }, x);
    for (auto& x : rooms)
      for (auto& event : *x.events)
        append_event(x.room, event);
    ++commits_;
  }

  [[nodiscard]] observer::stored_room load(room_id room) const override {
    auto i = rooms_.find(room);
    if (i == rooms_.end())
      return {};
    return {i->second.tail, i->second.last};
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

  /// Reaches back to the last `restored` only: what is behind it was let go.
  [[nodiscard]] room_past read(const past_query& query) const override {
    auto i = rooms_.find(query.room);
    if (i == rooms_.end())
      return {};
    auto& room = i->second;
    auto known = room.tail.size();
    if (known > 0
        && std::holds_alternative<room_event::restored>(room.tail.front()))
      --known;
    auto first = room.last - known; // revision before the first that is known
    if (query.after < first || query.upto > room.last)
      return {};
    past_builder past{query};
    for (auto rev = query.after; rev < query.upto; ++rev) {
      auto& event = room.tail[room.tail.size() - (room.last - rev)];
      if (auto* posted = std::get_if<room_event::posted>(&event);
          posted != nullptr && !room.holds(posted->content->seq))
        return {};
      if (!past.add(event))
        break;
    }
    return std::move(past).finish();
  }

  [[nodiscard]] std::vector<session_key> sessions() const override {
    std::vector<session_key> result;
    for (auto& [key, session] : sessions_)
      result.push_back(key);
    return result;
  }

  [[nodiscard]] stored_session_ptr
  find_session(const session_key& key) const override {
    auto i = sessions_.find(key);
    if (i == sessions_.end())
      return nullptr;
    auto result = std::make_shared<stored_session>(i->second);
    std::sort(result->seats.begin(), result->seats.end(),
              [](auto& a, auto& b) { return a.room < b.room; });
    return result;
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
  using seat = stored_session::seat;

  struct kept_room {
    std::deque<message_ptr> messages;
    room_events tail;  ///< since the last `restored`
    revision last = 0; ///< of the newest event
    bool closed = false;
    std::map<user_id, session_key> seats; ///< that have not ended

    [[nodiscard]] bool holds(sequence seq) const {
      return !messages.empty() && messages.front()->seq <= seq;
    }
  };

  void append_event(room_id id, const room_event::any& event) {
    auto& room = rooms_[id];
    if (std::holds_alternative<room_event::restored>(event)) {
      room.tail.clear();
    } else {
      ++events_;
      ++room.last;
    }
    if (auto* posted = std::get_if<room_event::posted>(&event))
      room.messages.push_back(posted->content);
    else if (auto* created = std::get_if<room_event::created>(&event))
      note_ids(id, created->host.id);
    else if (auto* joined = std::get_if<room_event::joined>(&event))
      note_ids(id, joined->user.id);
    else if (auto* seated = std::get_if<room_event::seated>(&event))
      take_seat(id, room, *seated);
    else if (auto* left = std::get_if<room_event::left>(&event))
      end_seat(id, room, left->user.id);
    else if (std::holds_alternative<room_event::closed>(event)) {
      room.closed = true;
      while (!room.seats.empty())
        end_seat(id, room, room.seats.begin()->first);
    }
    room.tail.push_back(event);
  }

  void take_seat(room_id id, kept_room& room, const room_event::seated& x) {
    end_seat(id, room, x.user);
    auto session = sessions_.find(x.session);
    if (session == sessions_.end())
      return;
    room.seats[x.user] = x.session;
    auto& seats = session->second.seats;
    std::erase_if(seats, [&](auto& y) { return y.room == id; });
    seats.push_back({id, x.user, room.last, {}});
    auto ended = std::count_if(seats.begin(), seats.end(),
                               [](auto& y) { return y.ended.has_value(); });
    for (auto i = seats.begin();
         ended > static_cast<std::ptrdiff_t>(ended_seats_kept);)
      if (i->ended) {
        i = seats.erase(i);
        --ended;
      } else {
        ++i;
      }
  }

  void end_seat(room_id id, kept_room& room, user_id user) {
    auto i = room.seats.find(user);
    if (i == room.seats.end())
      return;
    for (auto& x : sessions_.at(i->second).seats)
      if (x.room == id && x.user == user)
        x.ended = room.last;
    room.seats.erase(i);
  }

  void apply(const store_message::keep_session& x) {
    sessions_[x.key].socket_id = x.socket_id;
  }

  void apply(const store_message::forget_session& x) {
    auto i = sessions_.find(x.key);
    if (i == sessions_.end())
      return;
    for (auto& seat : i->second.seats)
      if (auto room = rooms_.find(seat.room);
          room != rooms_.end() && !seat.ended)
        room->second.seats.erase(seat.user);
    sessions_.erase(i);
  }

  void note_ids(room_id room, user_id user) {
    index_.next_room = std::max(index_.next_room, room_id{to_number(room) + 1});
    index_.next_user = std::max(index_.next_user, user_id{to_number(user) + 1});
  }

  page_limits limits_;
  std::map<room_id, kept_room> rooms_;
  std::map<session_key, stored_session> sessions_; ///< seats as entered
  stored_rooms index_;                             ///< without `open`
  std::uint64_t events_ = 0;
  std::uint64_t commits_ = 0;
};

} // namespace

std::unique_ptr<store> make_memory_store(const page_limits& limits) {
  return std::make_unique<memory_store>(limits);
}

} // namespace observer
