#include "tools/loadgen/report.hpp"

#include "tools/observerctl/table.hpp"

#include <boost/json/array.hpp>

#include <cmath>
#include <cstdio>
#include <ostream>

namespace observer::loadgen {

namespace json = boost::json;

namespace {

double microseconds(std::uint64_t ns) {
  return static_cast<double>(ns) / 1e3;
}

double per(double what, double count) {
  return count > 0 ? what / count : 0;
}

json::object latency_json(const histogram& x) {
  return {{"count", x.count()},
          {"min", microseconds(x.min())},
          {"mean", x.mean() / 1e3},
          {"p50", microseconds(x.percentile(50))},
          {"p90", microseconds(x.percentile(90))},
          {"p99", microseconds(x.percentile(99))},
          {"p99_9", microseconds(x.percentile(99.9))},
          {"max", microseconds(x.max())}};
}

json::object cpu_json(const process_usage& before, const process_usage& after,
                      const outcome& result) {
  auto user = after.user_us - before.user_us;
  auto system = after.system_us - before.system_us;
  return {{"cpu_user_us", user},
          {"cpu_system_us", system},
          {"cpu_user_us_per_unit", per(user, result.count)},
          {"cpu_system_us_per_unit", per(system, result.count)},
          {"cores", per((user + system) / 1e6, result.seconds)}};
}

json::value server_json(const options& settings, const outcome& result) {
  if (!result.server_before || !result.server_after)
    return nullptr;
  auto& before = *result.server_before;
  auto& after = *result.server_after;
  auto out = cpu_json(before, after, result);
  out["pids"] = json::array(settings.server_pids.begin(),
                            settings.server_pids.end());
  out["rss_kib_at_start"] = result.server_at_start->rss_kib;
  out["rss_kib_before"] = before.rss_kib;
  out["rss_kib_after"] = after.rss_kib;
  out["voluntary_switches"] = after.voluntary_switches
                              - before.voluntary_switches;
  out["involuntary_switches"] = after.involuntary_switches
                                - before.involuntary_switches;
  return out;
}

json::object settings_json(const options& x) {
  json::object out{{"url", x.url},
                   {"duration_ms", x.duration.count()},
                   {"warmup_ms", x.warmup.count()},
                   {"threads", x.threads},
                   {"seed", x.seed}};
  auto add = [&](const char* name, auto value) {
    if (value != 0)
      out[name] = value;
  };
  add("rooms", x.rooms);
  add("members", x.members);
  add("bytes", x.bytes);
  add("in_flight", x.rate > 0 ? 0 : x.in_flight);
  add("senders", x.senders);
  add("rate", x.rate);
  add("stopped", x.stopped);
  add("connections", x.connections);
  add("concurrency", x.concurrency);
  if (x.acks)
    out["acks"] = true;
  if (x.scenario == scenario_kind::echo) {
    out["echo_event"] = x.echo_event;
    out["echo_args"] = x.echo_argument;
  }
  return out;
}

json::array timeline_json(const timeline& x) {
  json::array out;
  auto width = seconds(x.width());
  for (std::size_t i = 0; i < x.slices().size(); ++i) {
    auto& slice = x.slices()[i];
    out.push_back({{"at_s", static_cast<double>(i) * width},
                   {"per_second", static_cast<double>(slice.count()) / width},
                   {"p50_us", microseconds(slice.percentile(50))},
                   {"p99_us", microseconds(slice.percentile(99))},
                   {"max_us", microseconds(slice.max())}});
  }
  return out;
}

// -- for people ---------------------------------------------------------------

std::string text(double x, int digits = 0) {
  char out[64];
  std::snprintf(out, sizeof out, "%.*f", digits, x);
  return out;
}

std::string text(std::uint64_t x) {
  return std::to_string(x);
}

std::vector<std::string> latency_row(std::string name, const histogram& x) {
  std::vector<std::string> out{std::move(name), text(x.count())};
  for (auto ns : {x.percentile(50), x.percentile(90), x.percentile(99),
                  x.percentile(99.9), x.max()})
    out.push_back(text(microseconds(ns), ns < 100'000 ? 1 : 0));
  return out;
}

void print_latencies(std::ostream& out, const options& settings,
                     const outcome& result) {
  table rows{{"LATENCY, us", "COUNT", "P50", "P90", "P99", "P99.9", "MAX"}};
  if (result.latency.count() > 0)
    rows.add(
      latency_row(std::string{unit_of(settings.scenario)}, result.latency));
  for (auto& [name, latencies] : result.steps)
    rows.add(latency_row(name, latencies));
  rows.print(out);
}

std::vector<std::string> cpu_row(std::string name, const process_usage& before,
                                 const process_usage& after,
                                 const outcome& result) {
  auto user = after.user_us - before.user_us;
  auto system = after.system_us - before.system_us;
  return {std::move(name), text(per(user, result.count), 2),
          text(per(system, result.count), 2),
          text(per(user + system, result.count), 2),
          text(per((user + system) / 1e6, result.seconds), 2)};
}

void print_usage(std::ostream& out, const options& settings,
                 const outcome& result) {
  table cpu{{"CPU, us per " + std::string{unit_of(settings.scenario)}, "USER",
             "SYSTEM", "TOTAL", "CORES"}};
  if (result.server_before && result.server_after)
    cpu.add(
      cpu_row("server", *result.server_before, *result.server_after, result));
  cpu.add(cpu_row("generator", result.own_before, result.own_after, result));
  cpu.print(out);
  if (!result.server_before || !result.server_after)
    return;
  auto& before = *result.server_before;
  auto& after = *result.server_after;
  out << '\n';
  table server{{"SERVER", "AT START", "BEFORE", "AFTER"}};
  server.add({"resident, KiB", text(result.server_at_start->rss_kib),
              text(before.rss_kib), text(after.rss_kib)});
  server.print(out);
  out << "switches per unit: "
      << text(per(static_cast<double>(after.voluntary_switches
                                      - before.voluntary_switches),
                  result.count),
              4)
      << " voluntary, "
      << text(per(static_cast<double>(after.involuntary_switches
                                      - before.involuntary_switches),
                  result.count),
              4)
      << " involuntary\n";
  if (settings.scenario == scenario_kind::idle)
    out << "resident per connection: "
        << text(per(static_cast<double>(after.rss_kib)
                      - static_cast<double>(result.server_at_start->rss_kib),
                    static_cast<double>(result.totals.received)),
                2)
        << " KiB\n";
}

} // namespace

json::object to_json(const options& settings, const outcome& result) {
  auto& totals = result.totals;
  json::array failures;
  for (auto& x : result.failures.kinds)
    failures.emplace_back(x);
  json::object out{{"scenario", to_string_view(settings.scenario)},
                   {"settings", settings_json(settings)},
                   {"ok", result.is_good()},
                   {"interrupted", result.interrupted},
                   {"unit", unit_of(settings.scenario)},
                   {"count", result.count},
                   {"seconds", result.seconds},
                   {"per_second", per(result.count, result.seconds)},
                   {"latency_us", latency_json(result.latency)},
                   {"steps_us", json::object{}},
                   {"check",
                    {{"received", totals.received},
                     {"lost", totals.lost},
                     {"duplicates", totals.duplicates},
                     {"out_of_order", totals.out_of_order},
                     {"leaked", totals.leaked},
                     {"malformed", totals.malformed},
                     {"failures", result.failures.count}}},
                   {"failures", failures},
                   {"server", server_json(settings, result)},
                   {"generator",
                    cpu_json(result.own_before, result.own_after, result)},
                   {"timeline", timeline_json(result.units)}};
  for (auto& [name, latencies] : result.steps)
    out["steps_us"].as_object()[name] = latency_json(latencies);
  if (settings.stopped > 0)
    out["stopped_readers"] = {{"count", result.stopped},
                              {"cut_off", result.cut_off}};
  return out;
}

void print(std::ostream& out, const options& settings, const outcome& result) {
  auto& totals = result.totals;
  if (!result.set_up) {
    out << "nothing was measured\n";
  } else {
    table work{{"UNIT", "COUNT", "SECONDS", "PER SECOND"}};
    work.add({std::string{unit_of(settings.scenario)}, text(result.count),
              text(result.seconds, 2),
              text(per(result.count, result.seconds))});
    work.print(out);
    out << '\n';
    if (result.latency.count() > 0 || !result.steps.empty()) {
      print_latencies(out, settings, result);
      out << '\n';
    }
    print_usage(out, settings, result);
    out << '\n';
  }
  table check{{"RECEIVED", "LOST", "DUPLICATES", "OUT OF ORDER", "LEAKED",
               "MALFORMED", "FAILURES"}};
  check.add({text(totals.received), text(totals.lost), text(totals.duplicates),
             text(totals.out_of_order), text(totals.leaked),
             text(totals.malformed), text(result.failures.count)});
  check.print(out);
  if (settings.stopped > 0)
    out << '\n'
        << result.stopped
        << " readers stopped reading, of which the server cut "
        << result.cut_off << " off\n";
  for (auto& x : result.failures.kinds)
    out << "failure: " << x << '\n';
  // A core that is full has no time left to read the clock in time.
  auto cores = per((result.own_after.user_us - result.own_before.user_us
                    + result.own_after.system_us - result.own_before.system_us)
                     / 1e6,
                   result.seconds);
  if (cores > 0.9 * static_cast<double>(settings.threads))
    out << "note: the generator itself was busy all the time; what limits the "
           "rate, and part of the latency, may be its own\n";
}

} // namespace observer::loadgen
