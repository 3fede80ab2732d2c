#pragma once

#include "messages/room_events.hpp"

#include <set>
#include <string_view>
#include <vector>

namespace observer::domain {

/// What one member has named (`client_id`), so that a retry is recognised.
class named_messages {
public:
  /// Takes the place of an earlier one of the same name.
  void add(named_message next);

  /// Null if there is none. Valid until the next change.
  [[nodiscard]] const named_message* find(std::string_view client_id) const;

  /// Lets go of those sent before `when`. Looks at all of them only if there
  /// are `limit`, or twice as many as last time: so it costs next to nothing.
  /// @returns whether there are fewer than `limit` then
  bool make_room(timestamp when, std::size_t limit);

  [[nodiscard]] std::vector<named_message> oldest_first() const;

  [[nodiscard]] std::size_t size() const noexcept {
    return all_.size();
  }

  bool operator==(const named_messages& other) const {
    return all_ == other.all_;
  }

private:
  struct by_name {
    using is_transparent = void;

    bool operator()(const named_message& a, const named_message& b) const {
      return a.client_id < b.client_id;
    }
    bool operator()(const named_message& a, std::string_view b) const {
      return a.client_id < b;
    }
    bool operator()(std::string_view a, const named_message& b) const {
      return a < b.client_id;
    }
  };

  std::set<named_message, by_name> all_;
  std::size_t due_ = 0; ///< how many make it worth looking for old ones
};

} // namespace observer::domain
