#pragma once

#include "actors/runtime/alarm_board.hpp"
#include "actors/runtime/message_handler.hpp"

#include <caf/actor_addr.hpp>
#include <caf/fwd.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace observer::runtime {

/// What one actor counts about itself. The actor's own thread writes (but for
/// `enqueued`); anybody may read at any time.
struct actor_record {
  caf::actor_id id = 0;
  const char* kind = "";
  std::string label;
  int loop = -1; ///< -1: a thread of its own
  caf::actor_addr address;

  std::atomic<std::uint64_t> enqueued{0};
  std::atomic<std::uint64_t> left_in_mailbox{0}; ///< when it last ran
  std::atomic<std::uint64_t> enqueued_then{0};   ///< `enqueued` at that time
  std::atomic<std::uint64_t> busy_ticks{0};
  std::atomic<const char*> message{nullptr};   ///< the last that it handled
  std::atomic<caf::actor_id> sender{0};        ///< of that message; 0: none
  std::atomic<bool> handling{false};           ///< it is being handled still
  std::atomic<std::uint64_t> longest_ticks{0}; ///< of all handlers that ran
  std::atomic<const char*> longest{nullptr};   ///< the message of that one
  std::atomic<bool> trace{false};

  /// By type of message; set when the actor runs for the first time.
  std::unique_ptr<message_handler[]> handlers;
  std::size_t handlers_count = 0;
  std::vector<caf::actor_id> watching; ///< guarded by the directory
};

/// A copy of an actor's record.
struct actor_info {
  caf::actor_id id = 0;
  std::string kind;
  std::string label;
  int loop = -1;
  std::uint64_t mailbox = 0; ///< messages waiting
  std::uint64_t handled = 0; ///< messages handled by type, added up
  std::chrono::microseconds busy{};
  std::string state; ///< `idle`, `waiting` or `handling <message>`
  std::string last_message;
  caf::actor_id last_sender = 0; ///< 0: none, or it had no name
  std::string longest_message;   ///< whose handler took longest
  std::chrono::microseconds longest{};
  std::vector<std::pair<std::string, std::uint64_t>> types;
  std::vector<caf::actor_id> watching;
};

/// All actors of a kind, added up.
struct kind_totals {
  std::string kind;
  std::uint64_t actors = 0;
  std::uint64_t mailbox = 0;     ///< messages waiting
  std::uint64_t mailbox_max = 0; ///< of one actor
  std::chrono::microseconds busy{};
  std::map<std::string, std::uint64_t> handled; ///< by type of message
};

/// All inspectable actors that live, for whoever wants to look. Thread-safe.
///
/// There is a part for each loop, so that the loops do not wait for each other
/// when actors come and go, and one for actors with threads of their own.
/// Whoever lists all actors holds a part for a few of them at a time only.
class directory {
public:
  /// @param loops their number; actors of others share parts with theirs
  explicit directory(std::size_t loops = 1);

  /// @param record stays until it is removed
  void add(actor_record& record);
  void remove(actor_record& record);
  void add_watch(actor_record& record, caf::actor_id target);
  void remove_watch(actor_record& record, caf::actor_id target);

  /// All actors in order of their ids. Who comes or goes meanwhile may be there
  /// or not.
  [[nodiscard]] std::vector<actor_info> list() const;

  /// Those of a kind, in order of their ids.
  [[nodiscard]] std::vector<actor_info> list(std::string_view kind) const;

  /// What all actors amount to, by kind. Those that are gone do not count.
  [[nodiscard]] std::vector<kind_totals> totals() const;

  /// How many actors of a kind live.
  [[nodiscard]] std::size_t count(std::string_view kind) const;

  /// The actors of a kind, in no order. Whoever is ending may be left out.
  [[nodiscard]] std::vector<caf::actor> all(std::string_view kind) const;

  [[nodiscard]] std::optional<actor_info> find(caf::actor_id id) const;

  /// A handle to ask an actor for its snapshot; null if it is gone.
  [[nodiscard]] caf::actor_addr address_of(caf::actor_id id) const;

  /// What the actors that live give reason to look at.
  [[nodiscard]] alarm_board& alarms() noexcept {
    return alarms_;
  }

  /// Switches tracing of one actor; false if it is gone.
  bool set_trace(caf::actor_id id, bool on);

private:
  struct part {
    mutable std::mutex mutex;
    std::unordered_map<caf::actor_id, actor_record*> records;
  };

  /// Calls `use` with the record of each actor, while its part is held: it must
  /// not come back here.
  template <class F>
  void for_each(F use) const;

  [[nodiscard]] part& part_of(const actor_record& record);

  /// Calls `use` with the record of an actor, which stays for so long; false
  /// if the actor is gone.
  template <class F>
  bool with(caf::actor_id id, F use) const;

  std::vector<part> parts_;
  alarm_board alarms_;
};

/// A time stamp that costs a few nanoseconds.
[[nodiscard]] std::uint64_t ticks() noexcept;

/// How long that many ticks last.
[[nodiscard]] std::chrono::microseconds duration_of(std::uint64_t ticks);

} // namespace observer::runtime
