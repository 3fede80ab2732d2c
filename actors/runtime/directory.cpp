#include "actors/runtime/directory.hpp"

#include <algorithm>

namespace observer::runtime {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

/// Where both clocks stood when the process began.
const auto steady_origin = std::chrono::steady_clock::now();
const auto ticks_origin = ticks();

actor_info info_of(const actor_record& record) {
  actor_info result;
  result.id = record.id;
  result.kind = record.kind;
  result.label = record.label;
  result.loop = record.loop;
  // Read in this order, the difference cannot be negative.
  auto then = record.enqueued_then.load(relaxed);
  auto enqueued = record.enqueued.load(relaxed);
  result.mailbox = record.left_in_mailbox.load(relaxed) + (enqueued - then);
  for (std::size_t i = 0; i < record.handlers_count; ++i) {
    auto& handler = record.handlers[i];
    const auto* kind = handler.kind();
    auto count = handler.count();
    if (kind == nullptr || count == 0)
      continue;
    result.handled += count;
    result.types.emplace_back(kind->name, count);
  }
  result.busy = duration_of(record.busy_ticks.load(relaxed));
  if (const auto* running = record.running.load(relaxed))
    result.state = std::string{"handling "} + running;
  else
    result.state = result.mailbox == 0 ? "idle" : "waiting";
  result.watching = record.watching;
  return result;
}

} // namespace

directory::entry directory::add(actor_record& record) {
  std::lock_guard guard{mutex_};
  return records_.emplace_hint(records_.end(), record.id, &record);
}

void directory::remove(entry where) {
  std::lock_guard guard{mutex_};
  records_.erase(where);
}

void directory::add_watch(actor_record& record, caf::actor_id target) {
  std::lock_guard guard{mutex_};
  record.watching.push_back(target);
}

void directory::remove_watch(actor_record& record, caf::actor_id target) {
  std::lock_guard guard{mutex_};
  auto& all = record.watching;
  if (auto i = std::find(all.begin(), all.end(), target); i != all.end()) {
    *i = all.back();
    all.pop_back();
  }
}

std::vector<actor_info> directory::list() const {
  std::vector<actor_info> result;
  std::lock_guard guard{mutex_};
  result.reserve(records_.size());
  for (auto& [id, record] : records_)
    result.push_back(info_of(*record));
  return result;
}

std::size_t directory::count(std::string_view kind) const {
  std::lock_guard guard{mutex_};
  return static_cast<std::size_t>(
    std::count_if(records_.begin(), records_.end(),
                  [&](auto& x) { return x.second->kind == kind; }));
}

std::optional<actor_info> directory::find(caf::actor_id id) const {
  std::lock_guard guard{mutex_};
  auto i = records_.find(id);
  return i != records_.end() ? std::optional{info_of(*i->second)}
                             : std::nullopt;
}

caf::actor_addr directory::address_of(caf::actor_id id) const {
  std::lock_guard guard{mutex_};
  auto i = records_.find(id);
  return i != records_.end() ? i->second->address : caf::actor_addr{};
}

bool directory::set_trace(caf::actor_id id, bool on) {
  std::lock_guard guard{mutex_};
  auto i = records_.find(id);
  if (i == records_.end())
    return false;
  i->second->trace.store(on, relaxed);
  return true;
}

std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return static_cast<std::uint64_t>(
    std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

std::chrono::microseconds duration_of(std::uint64_t count) {
  using std::chrono::duration;
  auto elapsed
    = duration<double>(std::chrono::steady_clock::now() - steady_origin);
  auto elapsed_ticks = static_cast<double>(ticks() - ticks_origin);
  auto seconds = static_cast<double>(count) * elapsed.count() / elapsed_ticks;
  return std::chrono::duration_cast<std::chrono::microseconds>(
    duration<double>(seconds));
}

} // namespace observer::runtime
