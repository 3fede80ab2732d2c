#include "actors/store/page.hpp"
#include "actors/store/store.hpp"

#include <algorithm>
#include <unordered_map>

namespace observer {

namespace {

class memory_store final : public store {
public:
  explicit memory_store(const page_limits& limits) : limits_(limits) {
  }

  void append(room_id room, const room_events& events) override {
    auto& messages = messages_[room];
    for (auto& event : events)
      if (auto* posted = std::get_if<room_event::posted>(&event))
        messages.push_back(posted->content);
    events_ += events.size();
  }

  [[nodiscard]] message_page read(const page_query& query) const override {
    page_builder page{query, limits_};
    auto i = messages_.find(query.room);
    if (i == messages_.end())
      return std::move(page).finish();
    auto& all = i->second;
    // `seq` counts from 1 without holes, so it is a position.
    auto size = static_cast<sequence>(all.size());
    auto end = query.before
                 ? std::min(size, std::max<sequence>(*query.before, 1) - 1)
                 : size;
    auto begin = query.after ? std::min(*query.after, end) : 0;
    auto wanted = [&](sequence index) {
      return !may_read(*all[index], query.reader) || page.add(all[index]);
    };
    if (query.after) {
      while (begin < end && wanted(begin))
        ++begin;
    } else {
      while (begin < end && wanted(end - 1))
        --end;
    }
    return std::move(page).finish();
  }

  void forget(room_id room) override {
    messages_.erase(room);
  }

  [[nodiscard]] store_snapshot snapshot() const override {
    return {"memory", messages_.size(), events_};
  }

private:
  page_limits limits_;
  std::unordered_map<room_id, std::vector<message_ptr>> messages_;
  std::uint64_t events_ = 0;
};

} // namespace

std::unique_ptr<store> make_memory_store(const page_limits& limits) {
  return std::make_unique<memory_store>(limits);
}

} // namespace observer
