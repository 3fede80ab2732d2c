#include "actors/runtime/watchdog.hpp"

#include <condition_variable>
#include <mutex>

namespace observer::runtime {

namespace {

alarm_details details_of(const actor_info& who, std::uint64_t figure) {
  return {who.kind,         who.label,       who.loop,
          who.last_message, who.last_sender, figure};
}

} // namespace

watchdog::watchdog(loops& watched, directory& actors)
  : loops_(watched),
    actors_(actors),
    views_(watched.all().size()) {
}

void watchdog::look(monotonic now) {
  // Was the whole process held up (SIGSTOP, a laptop that slept)? Then what the
  // loops did not do meanwhile says nothing.
  auto held_up = now - last_look_ > stuck_after;
  last_look_ = now;
  for (std::size_t i = 0; i < views_.size(); ++i) {
    auto& view = views_[i];
    if (held_up) {
      view.asked = now;
      view.seen = now;
    }
    look_at(*loops_.all()[i], view, now);
  }
  look_at_mailboxes(now);
}

void watchdog::look_at(loop& which, view& before, monotonic now) {
  look_at_handler(which, before, now);
  auto blocks = which.index() >= loops_.size();
  if (which.pongs() == before.pings) {
    actors_.alarms().clear(alarm_kind::stuck_loop, which.index(), now);
    ++before.pings;
    before.asked = now;
    which.ping();
  } else if (auto late = now - before.asked; !blocks && late >= stuck_after) {
    alarm_details details;
    if (auto who = actors_.find(which.running()))
      details = details_of(*who, 0);
    details.loop = static_cast<int>(which.index());
    details.figure = whole_milliseconds(late);
    actors_.alarms().raise(alarm_kind::stuck_loop, which.index(), details,
                           before.asked, now);
  }
}

/// A handler is known by its actor, and by how many messages that has handled
/// before.
void watchdog::look_at_handler(loop& which, view& before, monotonic now) {
  auto id = which.running();
  auto who = id != 0 ? actors_.find(id) : std::nullopt;
  if (who && !who->state.starts_with("handling"))
    who.reset();
  auto goes_on = who && before.actor == who->id
                 && before.handled == who->handled;
  if (!goes_on) {
    if (before.actor != 0)
      actors_.alarms().clear(alarm_kind::slow_handler, before.actor, now);
    before.actor = who ? who->id : 0;
    before.handled = who ? who->handled : 0;
    before.seen = now;
  } else if (auto time = now - before.seen; time >= which.patience()) {
    actors_.alarms().raise(alarm_kind::slow_handler, before.actor,
                           details_of(*who, whole_milliseconds(time)), before.seen,
                           now);
  }
}

void watchdog::look_at_mailboxes(monotonic now) {
  auto& board = actors_.alarms();
  for (auto& [id, since] : board.watched_mailboxes(now)) {
    auto who = actors_.find(id);
    if (!who || who->mailbox < crowded_mailbox / 2) {
      board.clear(alarm_kind::growing_mailbox, id, now);
      board.forget_mailbox(id);
    } else if (who->mailbox >= crowded_mailbox
               && now - since >= crowded_after) {
      board.raise(alarm_kind::growing_mailbox, id,
                  details_of(*who, who->mailbox), since, now);
    }
  }
}

void watchdog::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any timer;
  std::unique_lock lock{mutex};
  while (!stop.stop_requested()) {
    look(std::chrono::steady_clock::now());
    timer.wait_for(lock, stop, period, [] { return false; });
  }
}

} // namespace observer::runtime
