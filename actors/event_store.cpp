#include "actors/event_store.hpp"

#include <utility>

namespace observer {

namespace {

/// How often a store that refused is asked whether it can again.
constexpr auto probe_interval = std::chrono::seconds{1};

/// How often there may be something to delete.
constexpr auto trim_interval = std::chrono::minutes{1};

/// Between two steps of deleting much: others come first.
constexpr auto trim_pause = std::chrono::milliseconds{50};

} // namespace

event_store::event_store(caf::actor_config& config,
                         const runtime::placement& where,
                         std::unique_ptr<store> backend, const retention& keep,
                         store_health& health)
  : inspectable(config, where, "event_store", backend->snapshot().kind),
    backend_(std::move(backend)),
    clock_(where.clock),
    retention_(keep),
    health_(health) {
}

event_store::behavior_type event_store::make_behavior() {
  if (retention_.age || retention_.count)
    schedule_trim({});
  return {
    on([this](append& x) {
      if (batch_.empty()) // the mailbox is in order: this comes behind all
        send(this, commit_batch{});
      batch_.push_back(std::move(x));
    }),
    on([this](const commit_batch&) { commit(); }),
    on([this](const load_room& x) { load(x); }),
    on([this](const room_ended& x) { backend_->forget(x.room); }),
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

void event_store::commit() {
  auto requests = std::exchange(batch_, {});
  std::vector<room_append> batch;
  for (auto& x : requests)
    if (!x.events.empty() && !ahead_.contains(x.room))
      batch.push_back({x.room, &x.events});
  auto kept = keep(batch);
  for (auto& x : requests)
    answer(x, (kept || x.events.empty()) && !ahead_.contains(x.room));
}

/// Keeps all of `batch`, or nothing.
bool event_store::keep(const std::vector<room_append>& batch) {
  if (batch.empty())
    return true;
  health_.commit_begins(clock_.steady_now());
  try {
    backend_->append(batch);
    health_.commit_ends();
    if (!health_.set_writable(true))
      spdlog::info("store.recovered");
    return true;
  } catch (const store_error& error) {
    health_.commit_ends();
    spdlog::error("store.append_refused appends={} what={:?}", batch.size(),
                  error.what());
  }
  refused_ += batch.size();
  for (auto& x : batch)
    ahead_.insert(x.room);
  if (health_.set_writable(false))
    wake_in(probe_interval);
  return false;
}

void event_store::answer(append& x, bool ok) {
  appended result{ok, {}};
  if (ok && x.query) {
    try {
      result.page = backend_->read(*x.query);
    } catch (const store_error& error) {
      // What was kept stays so: the room is told that it has no page.
      spdlog::error("store.read_failed room={} what={:?}", to_string(x.room),
                    error.what());
    }
  }
  send(x.from, std::move(result));
}

void event_store::load(const load_room& x) {
  commit(); // what was sent before is answered before
  room_loaded result;
  try {
    result.events = backend_->load(x.room);
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
  if (!health_.is_writable())
    probe();
  if (trim_due_ && clock_.steady_now() >= *trim_due_)
    trim();
}

void event_store::probe() {
  try {
    backend_->probe();
    health_.set_writable(true);
    spdlog::info("store.recovered");
  } catch (const store_error& error) {
    spdlog::debug("store.still_refusing what={:?}", error.what());
    wake_in(probe_interval);
  }
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

void event_store::schedule_trim(std::chrono::milliseconds pause) {
  trim_due_ = clock_.steady_now() + pause;
  wake_in(pause);
}

} // namespace observer
