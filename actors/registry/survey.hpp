#pragma once

#include "messages/snapshots.hpp"

#include <caf/message_id.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace observer {

/// One page of a list that rooms are asked for: in the order of their ids, a
/// few at a time, and no more of them than the page needs.
class survey {
public:
  /// Rooms that are asked at a time: what they say takes memory.
  static constexpr std::size_t width = 16;

  /// @param after the first room that may be asked is the one behind it.
  explicit survey(std::optional<room_id> after) : asked_(after) {
  }

  virtual ~survey() = default;
  survey(const survey&) = delete;
  survey& operator=(const survey&) = delete;

  /// The last room that was asked, there or not.
  [[nodiscard]] std::optional<room_id> last_asked() const noexcept {
    return asked_;
  }

  /// Whether another room is to be asked now.
  [[nodiscard]] bool wants_room() const {
    return under_way_.size() < width && !is_full(under_way_.size());
  }

  /// Whether some that were asked have not answered.
  [[nodiscard]] bool is_waiting() const noexcept {
    return !under_way_.empty();
  }

  /// @param question the id of the request.
  void asks(room_id room, caf::message_id question) {
    asked_ = room;
    under_way_.emplace(room, question);
  }

  /// A room has answered; null: there is none any more.
  void hears(room_id room, const room_data_ptr& found) {
    under_way_.erase(room);
    if (found)
      add(found);
  }

  /// The questions that nobody waits for any more.
  [[nodiscard]] std::vector<caf::message_id> give_up();

  /// Answers with what there is.
  /// @param rooms_left whether there are rooms behind the last one asked.
  virtual void finish(bool rooms_left) = 0;

private:
  virtual void add(const room_data_ptr& room) = 0;

  /// Whether what is known and what `coming` rooms will say fill the page.
  [[nodiscard]] virtual bool is_full(std::size_t coming) const = 0;

  std::optional<room_id> asked_;
  std::map<room_id, caf::message_id> under_way_;
};

/// A page of `GET /api/room`.
class room_survey final : public survey {
public:
  using receiver = std::function<void(room_page_ptr)>;

  /// @param members how many all rooms on it have together, unless it is a
  ///        summary; the first room is always there.
  room_survey(std::optional<room_id> after, std::size_t limit,
              std::size_t members, bool summary, receiver done);

  void finish(bool rooms_left) override;

private:
  void add(const room_data_ptr& room) override;
  [[nodiscard]] bool is_full(std::size_t coming) const override;

  std::size_t limit_;
  std::size_t members_limit_;
  bool summary_;
  receiver done_;
  std::map<room_id, room_row> rows_;
  std::size_t members_ = 0; ///< of all rows
};

/// A page of `GET /api/users`: of what all rooms say, the smallest ids.
class user_survey final : public survey {
public:
  using receiver = std::function<void(user_page_ptr)>;

  user_survey(std::optional<user_id> after, std::size_t limit, receiver done);

  void finish(bool rooms_left) override;

private:
  void add(const room_data_ptr& room) override;

  [[nodiscard]] bool is_full(std::size_t) const override {
    return false; // the next room may have somebody with a smaller id
  }

  /// Lets go of all but the smallest `count`.
  void keep(std::size_t count);

  std::optional<user_id> after_;
  std::size_t limit_;
  receiver done_;
  std::vector<user_row> rows_;
};

} // namespace observer
