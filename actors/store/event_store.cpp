#include "actors/store/event_store.hpp"

#include "messages/registry.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace observer {

namespace {

/// How often a store that refused is asked whether it can again.
constexpr auto probe_interval = std::chrono::seconds{1};

/// How often there may be something to delete.
constexpr auto trim_interval = std::chrono::minutes{1};

/// Between two steps of deleting much: others come first.
constexpr auto trim_pause = std::chrono::milliseconds{50};

/// Sessions that are forgotten at once.
constexpr std::size_t forget_step = 1000;

} // namespace

event_store::event_store(caf::actor_config& config,
                         const runtime::placement& where,
                         std::unique_ptr<store> backend, const retention& keep,
                         std::optional<std::chrono::milliseconds> window,
                         store_health& health)
  : inspectable(config, where, "event_store", backend->snapshot().kind),
    backend_(std::move(backend)),
    clock_(where.clock),
    retention_(keep),
    health_(health),
    recovery_window_(window) {
  probe(); // before anybody is let in
}

event_store::behavior_type event_store::make_behavior() {
  if (!health_.is_writable())
    schedule_probe();
  if (retention_.age || retention_.count)
    schedule_trim({});
  for (auto& key : backend_->sessions())
    unclaimed_.insert(key);
  if (!unclaimed_.empty()) {
    auto wait = recovery_window_.value_or(std::chrono::milliseconds{0});
    forget_due_ = clock_.steady_now() + wait;
    wake_in(wait);
  }
  return {
    on([this](store_message::append& x) {
      ask_for_commit();
      batch_.push_back(std::move(x));
    }),
    on([this](const store_message::commit_batch&) { commit(); }),
    on([this](store_message::keep_session& x) {
      unclaimed_.erase(x.key);
      change(std::move(x));
    }),
    on([this](const store_message::forget_session& x) {
      unclaimed_.erase(x.key);
      change(x);
    }),
    on([this](const store_message::load_room& x) { load(x); }),
    on([this](const registry_message::room_ended& x) {
      backend_->forget(x.room);
    }),
    on([this](const wake_up&) { on_wake_up(); }),
    on([this](const page_query& x) -> caf::result<message_page> {
      try {
        return backend_->read(x);
      } catch (const store_error& error) {
        spdlog::error("store.read_failed room={} what={:?}", to_string(x.room),
                      error.what());
        return caf::make_error(caf::sec::runtime_error, error.what());
      }
    }),
    on([this](const store_message::find_session& x)
         -> caf::result<stored_session_ptr> {
      if (!unclaimed_.contains(x.key))
        return stored_session_ptr{}; // of this run, or over
      commit();                      // what was sent before counts
      try {
        return backend_->find_session(x.key);
      } catch (const store_error& error) {
        spdlog::error("store.find_session_failed what={:?}", error.what());
        return caf::make_error(caf::sec::runtime_error, error.what());
      }
    }),
    on([this](const past_query& x) { return past_of(x); }),
    on([this](const get_snapshot&) -> actor_snapshot {
      auto result = backend_->snapshot();
      result.writable = health_.is_writable();
      result.refused = refused_;
      return result;
    }),
  };
}

void event_store::on_exit() {
  batch_.clear();
  backend_.reset(); // closes the file, while somebody still waits for us
  inspectable::on_exit();
}

/// The mailbox is in order: the commit comes behind all that waits in it.
void event_store::ask_for_commit() {
  if (batch_.empty() && changes_.empty())
    send(this, store_message::commit_batch{});
}

void event_store::change(session_change x) {
  ask_for_commit();
  changes_.push_back(std::move(x));
}

void event_store::commit() {
  auto requests = std::exchange(batch_, {});
  auto changes = std::exchange(unforgotten_, {});
  changes.insert(changes.end(), std::make_move_iterator(changes_.begin()),
                 std::make_move_iterator(changes_.end()));
  changes_.clear();
  std::vector<room_append> batch;
  for (auto& x : requests)
    if (!x.events.empty() && !ahead_.contains(x.room))
      batch.push_back({x.room, &x.events});
  auto kept = keep(batch, changes);
  for (auto& x : requests)
    answer(x, (kept || x.events.empty()) && !ahead_.contains(x.room));
}

/// Keeps all of it, or nothing.
bool event_store::keep(const std::vector<room_append>& rooms,
                       const std::vector<session_change>& sessions) {
  if (rooms.empty() && sessions.empty())
    return true;
  health_.commit_begins(clock_.steady_now());
  try {
    backend_->append(rooms, sessions);
    health_.commit_ends(clock_.steady_now());
    if (!health_.set_writable(true))
      spdlog::info("store.recovered");
    return true;
  } catch (const store_error& error) {
    health_.commit_ends(clock_.steady_now());
    spdlog::error("store.append_refused appends={} sessions={} what={:?}",
                  rooms.size(), sessions.size(), error.what());
  }
  for (auto& x : sessions)
    if (std::holds_alternative<store_message::forget_session>(x))
      unforgotten_.push_back(x);
  refused_ += rooms.size();
  for (auto& x : rooms)
    ahead_.insert(x.room);
  if (health_.set_writable(false))
    schedule_probe();
  return false;
}

void event_store::answer(store_message::append& x, bool ok) {
  room_message::appended result{ok, {}, {}};
  if (ok && x.query) {
    try {
      result.page = backend_->read(*x.query);
    } catch (const store_error& error) {
      // What was kept stays so: the room is told that it has no page.
      spdlog::error("store.read_failed room={} what={:?}", to_string(x.room),
                    error.what());
    }
  }
  if (ok && x.past)
    result.past = past_of(*x.past);
  send(x.from, std::move(result));
}

/// Nothing if the store cannot read: then nothing was promised.
room_past event_store::past_of(const past_query& query) {
  try {
    return backend_->read(query);
  } catch (const store_error& error) {
    spdlog::error("store.read_failed room={} what={:?}", to_string(query.room),
                  error.what());
    return {};
  }
}

void event_store::load(const store_message::load_room& x) {
  commit(); // what was sent before is answered before
  room_message::room_loaded result;
  try {
    auto room = backend_->load(x.room);
    result.events = std::move(room.events);
    result.last = room.last;
    ahead_.erase(x.room);
  } catch (const store_error& error) {
    spdlog::error("store.load_failed room={} what={:?}", to_string(x.room),
                  error.what());
    result.ok = false;
  }
  send(x.from, std::move(result));
}

void event_store::wake_in(std::chrono::milliseconds delay) {
  clock_.wake_at(clock_.steady_now() + delay, address());
}

void event_store::on_wake_up() {
  if (probe_due_ && clock_.steady_now() >= *probe_due_)
    probe_again();
  if (trim_due_ && clock_.steady_now() >= *trim_due_)
    trim();
  if (forget_due_ && clock_.steady_now() >= *forget_due_)
    forget_unclaimed();
}

void event_store::probe() {
  try {
    backend_->probe();
    if (!health_.set_writable(true))
      spdlog::info("store.recovered");
  } catch (const store_error& error) {
    if (health_.set_writable(false))
      spdlog::error("store.refuses what={:?}", error.what());
    else
      spdlog::debug("store.still_refusing what={:?}", error.what());
  }
}

void event_store::probe_again() {
  probe_due_.reset();
  if (!health_.is_writable())
    probe();
  if (!health_.is_writable())
    schedule_probe();
  else if (!unforgotten_.empty())
    commit();
}

void event_store::schedule_probe() {
  probe_due_ = clock_.steady_now() + probe_interval;
  wake_in(probe_interval);
}

void event_store::trim() {
  auto pause = std::chrono::milliseconds{trim_interval};
  try {
    if (backend_->trim(retention_, clock_.now()))
      pause = trim_pause;
  } catch (const store_error& error) {
    spdlog::warn("store.trim_failed what={:?}", error.what());
  }
  schedule_trim(pause);
}

/// Nobody has come back for these in time. Not all at once, so that others need
/// not wait long; and not while the store would refuse to forget them.
void event_store::forget_unclaimed() {
  auto pause = std::chrono::milliseconds{probe_interval};
  if (health_.is_writable()) {
    for (std::size_t i = 0; i < forget_step && !unclaimed_.empty(); ++i)
      change(store_message::forget_session{
        unclaimed_.extract(unclaimed_.begin()).value()});
    pause = trim_pause;
  }
  forget_due_.reset();
  if (unclaimed_.empty())
    return;
  forget_due_ = clock_.steady_now() + pause;
  wake_in(pause);
}

void event_store::schedule_trim(std::chrono::milliseconds pause) {
  trim_due_ = clock_.steady_now() + pause;
  wake_in(pause);
}

} // namespace observer
