#include "net/gateway/metrics.hpp"

#include <chrono>
#include <initializer_list>
#include <prometheus/text_serializer.h>

namespace observer::gateway {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using labels = std::initializer_list<std::pair<const char*, std::string_view>>;

/// A metric with its values, one for each set of labels.
class family {
public:
  family(std::vector<MetricFamily>& out, MetricType type, std::string name,
         std::string help)
    : all_(out),
      index_(out.size()) {
    all_.push_back({std::move(name), std::move(help), type, {}});
  }

  void add(double value, labels with = {}) {
    ClientMetric one;
    for (auto& [name, text] : with)
      one.label.push_back({name, std::string{text}});
    auto& made = all_[index_];
    if (made.type == MetricType::Counter)
      one.counter.value = value;
    else
      one.gauge.value = value;
    made.metric.push_back(std::move(one));
  }

  void add(std::uint64_t value, labels with = {}) {
    add(static_cast<double>(value), with);
  }

private:
  std::vector<MetricFamily>& all_;
  std::size_t index_;
};

/// The families of one answer.
class page {
public:
  family gauge(std::string name, std::string help) {
    return {all_, MetricType::Gauge, "observer_" + std::move(name),
            std::move(help)};
  }

  family counter(std::string name, std::string help) {
    return {all_, MetricType::Counter, "observer_" + std::move(name) + "_total",
            std::move(help)};
  }

  /// By the names that Prometheus' own clients give it.
  family process(MetricType type, std::string name, std::string help) {
    return {all_, type, "process_" + std::move(name), std::move(help)};
  }

  void add(MetricFamily made) {
    all_.push_back(std::move(made));
  }

  [[nodiscard]] std::string text() const {
    return prometheus::TextSerializer{}.Serialize(all_);
  }

private:
  std::vector<MetricFamily> all_;
};

template <class Snapshot, class F>
void for_each(const server_figures& in, F use) {
  for (auto& x : in.snapshots)
    if (const auto* one = std::get_if<Snapshot>(&x))
      use(*one);
}

template <class Snapshot>
std::uint64_t sum(const server_figures& in, std::uint64_t Snapshot::*what) {
  std::uint64_t result = 0;
  for_each<Snapshot>(in, [&](auto& x) { result += x.*what; });
  return result;
}

void add_clients(page& to, const server_figures& in) {
  std::map<std::pair<std::string_view, int>, std::uint64_t> lines{
    {{"polling", 4}, 0}, {{"websocket", 4}, 0}};
  std::map<std::pair<std::string_view, std::string_view>, std::uint64_t> asked;
  for_each<hub_snapshot>(in, [&](auto& hub) {
    for (auto& x : hub.lines)
      lines[{x.transport, x.protocol}] += x.clients;
    for (auto& x : hub.requests)
      asked[{x.event, x.outcome}] += x.requests;
  });
  auto clients = to.gauge("clients", "Clients in the rooms' namespace, by "
                                     "transport and Engine.IO protocol; lost: "
                                     "awaited by connection state recovery");
  for (auto& [of, count] : lines)
    clients.add(count, {{"transport", of.first.empty() ? "lost" : of.first},
                        {"protocol", of.second == 0   ? ""
                                     : of.second == 3 ? "3"
                                                      : "4"}});
  auto requests = to.counter("requests", "Requests of clients that were "
                                         "answered, by event and outcome");
  for (auto& [of, count] : asked)
    requests.add(count, {{"event", of.first}, {"outcome", of.second}});
  to.counter("deliveries", "Events handed to connections")
    .add(sum(in, &hub_snapshot::deliveries));
  to.gauge("queued_bytes", "Bytes that clients have not read yet")
    .add(sum(in, &hub_snapshot::queued_bytes));
  auto ends = to.counter("disconnects", "Connections of clients that ended, by "
                                        "reason");
  for (auto& [reason, count] : in.ends)
    ends.add(count, {{"reason", reason}});
  to.gauge("ended_clients_kept", "Clients that have gone and can be asked for "
                                 "(observerctl why)")
    .add(in.ended_kept);
}

void add_rooms(page& to, const server_figures& in) {
  to.gauge("rooms", "Open rooms").add(sum(in, &registry_snapshot::rooms));
  to.counter("rooms_made", "Rooms that were made")
    .add(sum(in, &registry_snapshot::rooms_made));
  to.counter("rooms_failed", "Rooms that ended unexpectedly")
    .add(sum(in, &registry_snapshot::rooms_failed));
}

void add_store(page& to, const server_figures& in) {
  auto writable = true;
  for_each<store_snapshot>(in, [&](auto& x) { writable = x.writable; });
  to.gauge("store_writable", "1 while the store can keep what it is given")
    .add(writable ? 1.0 : 0.0);
  to.counter("store_events", "Events that were kept")
    .add(sum(in, &store_snapshot::events));
  to.counter("store_commits", "Transactions that these took")
    .add(sum(in, &store_snapshot::commits));
  to.counter("store_refused", "Appends that could not be kept")
    .add(sum(in, &store_snapshot::refused));
  if (in.store_bytes)
    to.gauge("store_bytes", "Size of the store's files").add(*in.store_bytes);
  to.add({"observer_store_commit_seconds",
          "Time that a commit took",
          MetricType::Histogram,
          {in.commit_seconds}});
  to.gauge("passwords_waiting", "Passwords that wait to be hashed or checked")
    .add(sum(in, &password_keeper_snapshot::waiting));
}

void add_actors(page& to, const server_figures& in) {
  using std::chrono::duration;
  auto living = to.gauge("actors", "Actors that live, by kind");
  for (auto& x : in.actors)
    living.add(x.actors, {{"kind", x.kind}});
  auto waiting = to.gauge("mailbox_messages", "Messages that wait, by kind of "
                                              "actor");
  for (auto& x : in.actors)
    waiting.add(x.mailbox, {{"kind", x.kind}});
  auto most = to.gauge("mailbox_messages_max", "Messages that wait for the one "
                                               "actor that has most of them");
  for (auto& x : in.actors)
    most.add(x.mailbox_max, {{"kind", x.kind}});
  auto busy = to.gauge("actor_busy_seconds", "Time that the actors that live "
                                             "have run, by kind");
  for (auto& x : in.actors)
    busy.add(duration<double>(x.busy).count(), {{"kind", x.kind}});
  auto handled = to.gauge("actor_messages", "Messages that the actors that "
                                            "live have handled, by kind and "
                                            "type");
  for (auto& x : in.actors)
    for (auto& [type, count] : x.handled)
      handled.add(count, {{"kind", x.kind}, {"type", type}});
}

void add_alarms(page& to, const server_figures& in) {
  // All are there from the start: Prometheus does not see a first value grow.
  std::map<runtime::alarm_kind, std::uint64_t> sums{
    {runtime::alarm_kind::slow_handler, 0},
    {runtime::alarm_kind::stuck_loop, 0},
    {runtime::alarm_kind::growing_mailbox, 0},
    {runtime::alarm_kind::slow_client, 0}};
  for (auto& x : in.alarms)
    sums[x.what] += x.count;
  auto raised = to.counter("alarms", "Alarms that were raised");
  for (auto& [what, count] : sums)
    raised.add(count, {{"alarm", runtime::to_string_view(what)}});
  auto causes = to.counter("alarm_causes", "The same by kind of actor, and the "
                                           "message that it was handling");
  for (auto& x : in.alarms)
    if (x.what != runtime::alarm_kind::slow_client)
      causes.add(x.count, {{"alarm", runtime::to_string_view(x.what)},
                           {"kind", x.kind},
                           {"message", x.message}});
}

void add_limits(page& to, const server_figures& in) {
  auto met = to.counter("limit_met",
                        "How often each limit was met, by its key");
  for (auto& [key, count] : in.limits)
    met.add(count, {{"limit", key}});
}

void add_process(page& to, const process_figures& in) {
  to.process(MetricType::Counter, "cpu_seconds_total",
             "CPU time of the process")
    .add(in.cpu_seconds);
  to.process(MetricType::Gauge, "resident_memory_bytes", "Resident memory")
    .add(in.resident_bytes);
  to.process(MetricType::Gauge, "open_fds", "Open descriptors")
    .add(in.open_descriptors);
  auto loops = to.counter("loop_cpu_seconds", "CPU time of each loop: its rate "
                                              "is the loop's utilisation");
  for (std::size_t i = 0; i < in.loop_cpu_seconds.size(); ++i)
    loops.add(in.loop_cpu_seconds[i], {{"loop", std::to_string(i)}});
}

} // namespace

std::string to_prometheus(const server_figures& in) {
  page out;
  add_clients(out, in);
  add_rooms(out, in);
  add_store(out, in);
  add_actors(out, in);
  add_alarms(out, in);
  add_limits(out, in);
  add_process(out, in.process);
  return out.text();
}

} // namespace observer::gateway
