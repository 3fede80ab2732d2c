#pragma once

#include "tests/actors/support.hpp"

/// A house with a room in it.
namespace observer::actor_tests {

using std::chrono::milliseconds;
using std::chrono::seconds;
using texts = std::vector<std::string>;

/// A room with Ada as its host and Ben in it.
struct room_of_two : house {
  guest ada{*this};
  guest ben{*this};

  explicit room_of_two(const settings& wanted = {}) : house(wanted) {
    ada.hosts({.name = "Ada"});
    ben.joins(ada.room, "Ben");
    forget();
  }

  void forget() {
    ada.port->frames.clear();
    ben.port->frames.clear();
  }

  room_data_ptr shown() {
    return query<room_data_ptr>(registry_message::find_room{ada.room});
  }

  std::uint64_t failed() {
    return std::get<registry_snapshot>(query<actor_snapshot>(get_snapshot{}))
      .rooms_failed;
  }

  /// The store refuses all that it was given so far, and no more.
  void refuse_what_waits() {
    storage.full = true;
    storage.let_through();
    run();
    storage.full = false;
  }

  /// Whether the last answer is this refusal.
  static bool refused(const guest& who, errc code = errc::unavailable) {
    auto* no = std::get_if<failure>(&who.port->answers.back());
    return no != nullptr && no->code == code;
  }
};

inline posted as_posted(const std::optional<reply>& answer) {
  return std::get<posted>(answer.value());
}

} // namespace observer::actor_tests
