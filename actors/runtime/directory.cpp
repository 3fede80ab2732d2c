#include "actors/runtime/directory.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>

#include <algorithm>

namespace observer::runtime {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

/// Actors that are looked at while others wait.
constexpr std::size_t batch = 64;

/// Where both clocks stood when the process began.
const auto steady_origin = std::chrono::steady_clock::now();
const auto ticks_origin = ticks();

/// Messages that wait.
std::uint64_t mailbox_of(const actor_record& record) {
  // Read in this order, the difference cannot be negative.
  auto then = record.enqueued_then.load(relaxed);
  auto enqueued = record.enqueued.load(relaxed);
  return record.left_in_mailbox.load(relaxed) + (enqueued - then);
}

actor_info info_of(const actor_record& record) {
  actor_info result;
  result.id = record.id;
  result.kind = record.kind;
  result.label = record.label;
  result.loop = record.loop;
  result.mailbox = mailbox_of(record);
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
  if (const auto* message = record.message.load(relaxed))
    result.last_message = message;
  result.last_sender = record.sender.load(relaxed);
  if (const auto* longest = record.longest.load(relaxed))
    result.longest_message = longest;
  result.longest = duration_of(record.longest_ticks.load(relaxed));
  if (record.handling.load(relaxed))
    result.state = "handling " + result.last_message;
  else
    result.state = result.mailbox == 0 ? "idle" : "waiting";
  result.watching = record.watching;
  return result;
}

} // namespace

directory::directory(std::size_t loops) : parts_(loops + 1) {
}

directory::part& directory::part_of(const actor_record& record) {
  return parts_[static_cast<std::size_t>(record.loop + 1) % parts_.size()];
}

template <class F>
bool directory::with(caf::actor_id id, F use) const {
  for (auto& x : parts_) {
    std::lock_guard guard{x.mutex};
    auto i = x.records.find(id);
    if (i == x.records.end())
      continue;
    use(*i->second);
    return true;
  }
  return false;
}

void directory::add(actor_record& record) {
  auto& x = part_of(record);
  std::lock_guard guard{x.mutex};
  x.records.emplace(record.id, &record);
}

void directory::remove(actor_record& record) {
  auto& x = part_of(record);
  std::lock_guard guard{x.mutex};
  x.records.erase(record.id);
}

void directory::add_watch(actor_record& record, caf::actor_id target) {
  std::lock_guard guard{part_of(record).mutex};
  record.watching.push_back(target);
}

void directory::remove_watch(actor_record& record, caf::actor_id target) {
  std::lock_guard guard{part_of(record).mutex};
  auto& all = record.watching;
  if (auto i = std::find(all.begin(), all.end(), target); i != all.end()) {
    *i = all.back();
    all.pop_back();
  }
}

/// Those who come or go meanwhile wait for a few records at a time only.
template <class F>
void directory::for_each(F use) const {
  std::vector<caf::actor_id> ids;
  for (auto& x : parts_) {
    ids.clear();
    {
      std::lock_guard guard{x.mutex};
      ids.reserve(x.records.size());
      for (auto& [id, record] : x.records)
        ids.push_back(id);
    }
    for (std::size_t i = 0; i < ids.size();) {
      auto end = std::min(ids.size(), i + batch);
      std::lock_guard guard{x.mutex};
      for (; i < end; ++i)
        if (auto found = x.records.find(ids[i]); found != x.records.end())
          use(*found->second);
    }
  }
}

namespace {

void sort_by_id(std::vector<actor_info>& all) {
  std::sort(all.begin(), all.end(),
            [](auto& a, auto& b) { return a.id < b.id; });
}

} // namespace

std::vector<actor_info> directory::list() const {
  std::vector<actor_info> result;
  for_each([&](const actor_record& x) { result.push_back(info_of(x)); });
  sort_by_id(result);
  return result;
}

std::vector<actor_info> directory::list(std::string_view kind) const {
  std::vector<actor_info> result;
  for_each([&](const actor_record& x) {
    if (x.kind == kind)
      result.push_back(info_of(x));
  });
  sort_by_id(result);
  return result;
}

std::vector<kind_totals> directory::totals() const {
  struct sums {
    kind_totals so_far;
    std::uint64_t ticks = 0;
    std::map<const char*, std::uint64_t> handled; ///< names are static
  };
  std::map<std::string_view, sums> by_kind;
  for_each([&](const actor_record& x) {
    auto& sum = by_kind[x.kind];
    auto waiting = mailbox_of(x);
    ++sum.so_far.actors;
    sum.so_far.mailbox += waiting;
    sum.so_far.mailbox_max = std::max(sum.so_far.mailbox_max, waiting);
    sum.ticks += x.busy_ticks.load(relaxed);
    for (std::size_t i = 0; i < x.handlers_count; ++i)
      if (const auto* handler = x.handlers[i].kind())
        sum.handled[handler->name] += x.handlers[i].count();
  });
  std::vector<kind_totals> result;
  for (auto& [kind, sum] : by_kind) {
    auto& out = result.emplace_back(std::move(sum.so_far));
    out.kind = kind;
    out.busy = duration_of(sum.ticks);
    for (auto& [name, count] : sum.handled)
      out.handled[name] += count;
  }
  return result;
}

std::size_t directory::count(std::string_view kind) const {
  std::size_t result = 0;
  for_each([&](const actor_record& x) { result += x.kind == kind ? 1 : 0; });
  return result;
}

std::vector<caf::actor> directory::all(std::string_view kind) const {
  std::vector<caf::actor> result;
  for_each([&](const actor_record& x) {
    if (x.kind == kind)
      if (auto actor = caf::actor_cast<caf::actor>(x.address))
        result.push_back(std::move(actor));
  });
  return result;
}

std::optional<actor_info> directory::find(caf::actor_id id) const {
  std::optional<actor_info> result;
  with(id, [&](const actor_record& record) { result = info_of(record); });
  return result;
}

caf::actor_addr directory::address_of(caf::actor_id id) const {
  caf::actor_addr result;
  with(id, [&](const actor_record& record) { result = record.address; });
  return result;
}

bool directory::set_trace(caf::actor_id id, bool on) {
  return with(id,
              [on](actor_record& record) { record.trace.store(on, relaxed); });
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
