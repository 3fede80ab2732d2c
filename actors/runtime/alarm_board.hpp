#pragma once

#include "messages/limits/token_bucket.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace observer::runtime {

/// What somebody should look at.
enum class alarm_kind {
  slow_handler,    ///< an actor takes long for one message
  stuck_loop,      ///< a loop gets to nothing new
  growing_mailbox, ///< messages come faster than an actor handles them
  slow_client,     ///< half of what may wait for a client is unread
};

[[nodiscard]] std::string_view to_string_view(alarm_kind what);

/// Messages in one mailbox from which on it is watched.
constexpr std::uint64_t crowded_mailbox = 1000;

/// Whom an alarm is about, as far as it is known.
struct alarm_details {
  std::string kind; ///< of actor; empty: the loop itself
  std::string name;
  int loop = -1;
  std::string message;      ///< that it handles, or handled last
  caf::actor_id sender = 0; ///< of that message; 0: none
  /// Milliseconds; of a mailbox the messages in it, of a client the bytes that
  /// wait for it.
  std::uint64_t figure = 0;
};

/// An alarm that is on.
struct raised_alarm {
  alarm_kind what{};
  /// The actor's id; of a loop its index; of a client what tells it apart.
  std::uint64_t subject = 0;
  std::chrono::steady_clock::time_point since;
  alarm_details details;
};

/// How often an alarm was raised.
struct alarm_count {
  alarm_kind what{};
  std::string kind;
  std::string message;
  std::uint64_t count = 0;
};

/// The alarms that are on, and how often each was raised. Each writes a line to
/// the log when it begins and when it is over; where that becomes too much,
/// lines are left out and counted. Thread-safe.
class alarm_board {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Lines a second, and at once, of each kind: whoever has clients that do not
  /// read hides nothing else by them.
  static constexpr token_rate line_rate{2, 20};

  /// @param log takes a line; by default the log does, as a warning
  explicit alarm_board(std::function<void(const std::string&)> log = {});

  /// Something goes on since `since`. An alarm that is on stays as it is, but
  /// for its figure.
  void raise(alarm_kind what, std::uint64_t subject,
             const alarm_details& details, time_point since, time_point now);

  /// It is over; nothing if the alarm is not on.
  void clear(alarm_kind what, std::uint64_t subject, time_point now);

  /// It went on and is over already; nothing if the alarm is on.
  void passed(alarm_kind what, std::uint64_t subject,
              const alarm_details& details, time_point now);

  /// In order of kinds and subjects.
  [[nodiscard]] std::vector<raised_alarm> raised() const;

  [[nodiscard]] std::vector<alarm_count> counts() const;

  // -- mailboxes that may become an alarm -------------------------------------

  /// Somebody has to look at this actor's mailbox.
  void watch_mailbox(caf::actor_id who);

  /// Since when the mailbox is looked at; a new one since `now`.
  [[nodiscard]] std::vector<std::pair<caf::actor_id, time_point>>
  watched_mailboxes(time_point now);

  void forget_mailbox(caf::actor_id who);

private:
  struct state {
    time_point since;
    alarm_details details;
  };

  /// What the log was told of a kind.
  struct told {
    token_bucket lines;
    std::uint64_t left_out = 0; ///< since the last line
  };

  void count(alarm_kind what, const alarm_details& details);
  void say(std::string_view event, alarm_kind what, std::uint64_t subject,
           const alarm_details& details, time_point now);

  std::function<void(const std::string&)> log_;
  mutable std::mutex mutex_;
  std::map<std::pair<alarm_kind, std::uint64_t>, state> raised_;
  std::map<std::tuple<alarm_kind, std::string, std::string>, std::uint64_t>
    counts_;
  std::map<caf::actor_id, time_point> mailboxes_; ///< `max`: not looked at yet
  std::map<alarm_kind, told> told_;
};

} // namespace observer::runtime
