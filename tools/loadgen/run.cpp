#include "tools/loadgen/run.hpp"

#include "tools/loadgen/worker.hpp"

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <sys/resource.h>

namespace observer::loadgen {

namespace {

/// Connections of the whole run.
std::size_t connections_of(const options& x) {
  switch (x.scenario) {
    case scenario_kind::fanout:
    case scenario_kind::slow:
      return x.rooms * x.members;
    case scenario_kind::churn:
      return x.connections + x.connections / x.members + x.threads;
    default:
      return x.connections;
  }
}

/// Things that can be given to different threads.
std::size_t shares_of(const options& x) {
  switch (x.scenario) {
    case scenario_kind::fanout:
    case scenario_kind::slow:
      return x.rooms;
    case scenario_kind::churn:
      return std::max<std::size_t>(1, x.connections / x.members);
    default:
      return x.connections;
  }
}

/// Every connection is a file: asks for as many as the system lets us have.
void raise_file_limit(std::size_t connections) {
  constexpr std::size_t others = 64;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= connections + others)
    return;
  rlimit wanted{connections + others,
                std::max<rlim_t>(limit.rlim_max, connections + others)};
  // Beyond the hard limit only root may go, and not in every container.
  if (setrlimit(RLIMIT_NOFILE, &wanted) == 0)
    return;
  if (limit.rlim_max < connections + others)
    throw std::runtime_error{
      std::to_string(connections) + " connections need more files than the "
      + std::to_string(limit.rlim_max) + " of `ulimit -Hn`"};
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Leads the workers through the phases of a run.
///
/// ~~~
///   setting_up ─all in─▶ warming_up ─time─▶ measuring ─time─▶ draining
///       │ failed                                                 │
///       └──────────────────────▶ dismissing ◀────────────────────┘
/// ~~~
class runner {
public:
  explicit runner(const options& settings);

  outcome run();

private:
  enum class phase { setting_up, warming_up, measuring, draining, dismissing };

  void on_news(worker::news what);
  void on_progress(const progress& x);
  void on_signal();
  void after(time_point when, void (runner::*next)());
  void begin();
  void begin_measuring();
  void stop();
  void fail_set_up();
  void dismiss();
  void collect();
  void tell();

  [[nodiscard]] std::optional<process_usage> sample() const {
    return settings_.server_pids.empty() ? std::nullopt
                                         : usage_of(settings_.server_pids);
  }

  options settings_;
  net::io_context io_{1};
  net::signal_set signals_{io_, SIGINT, SIGTERM};
  net::steady_timer timer_{io_};
  std::vector<std::unique_ptr<worker>> workers_;
  phase phase_ = phase::setting_up;
  std::size_t heard_ = 0; ///< workers that have come to the end of the phase
  window window_;
  time_point started_ = steady::now();
  outcome out_;

  // What the workers told in this second.
  std::size_t told_ = 0;
  progress recent_;
};

runner::runner(const options& settings) : settings_(settings) {
  settings_.threads = std::clamp<std::size_t>(shares_of(settings_), 1,
                                              settings_.threads);
  raise_file_limit(connections_of(settings_));
  auto where = resolve(settings_.url);
  out_.server_at_start = sample();
  if (!settings_.server_pids.empty() && !out_.server_at_start)
    throw std::runtime_error{"cannot read the process of --server-pid"};
  for (std::size_t i = 0; i < settings_.threads; ++i) {
    worker::listener tell{
      [this](worker::news x) { net::post(io_, [this, x] { on_news(x); }); },
      [this](progress x) {
        net::post(io_, [this, x = std::move(x)] { on_progress(x); });
      }};
    workers_.push_back(std::make_unique<worker>(
      where, settings_, share{i, settings_.threads}, std::move(tell)));
  }
}

outcome runner::run() {
  on_signal();
  for (auto& x : workers_)
    x->set_up();
  after(started_ + settings_.setup, &runner::fail_set_up);
  io_.run();
  for (auto& x : workers_)
    x->join();
  collect();
  return std::move(out_);
}

void runner::after(time_point when, void (runner::*next)()) {
  timer_.expires_at(when);
  timer_.async_wait([this, next](error_code error) {
    if (!error)
      (this->*next)();
  });
}

void runner::on_signal() {
  signals_.async_wait([this](error_code error, int) {
    if (error)
      return;
    out_.interrupted = true;
    if (phase_ == phase::warming_up || phase_ == phase::measuring)
      stop();
    else if (phase_ == phase::setting_up)
      dismiss();
    else
      io_.stop(); // the second time, or what is left is only waiting
    on_signal();
  });
}

void runner::on_news(worker::news what) {
  if (what == worker::news::failed && phase_ == phase::setting_up)
    return dismiss();
  // Each phase ends when all workers have told the same.
  constexpr worker::news expected[]
    = {worker::news::set_up, worker::news::complete, worker::news::complete,
       worker::news::drained, worker::news::gone};
  if (what != expected[static_cast<int>(phase_)])
    return;
  if (++heard_ < workers_.size())
    return;
  heard_ = 0;
  switch (what) {
    case worker::news::failed:
      break;
    case worker::news::set_up:
      begin();
      break;
    case worker::news::complete:
      stop();
      break;
    case worker::news::drained:
      dismiss();
      break;
    case worker::news::gone:
      io_.stop();
      break;
  }
}

void runner::begin() {
  bool endless = settings_.scenario == scenario_kind::connect;
  phase_ = phase::warming_up;
  window_.begin = steady::now()
                  + (endless ? milliseconds{0} : settings_.warmup);
  if (!endless)
    window_.end = window_.begin + settings_.duration;
  if (endless)
    begin_measuring();
  else
    after(window_.begin, &runner::begin_measuring);
  for (auto& x : workers_)
    x->begin(window_);
}

void runner::begin_measuring() {
  phase_ = phase::measuring;
  out_.set_up = true;
  out_.server_before = sample();
  out_.own_before = own_usage();
  if (window_.end != time_point::max())
    after(window_.end, &runner::stop);
  else
    after(started_ + settings_.setup, &runner::stop);
}

void runner::stop() {
  window_.end = std::min(window_.end, steady::now());
  if (phase_ == phase::measuring) {
    out_.server_after = sample();
    out_.own_after = own_usage();
    out_.seconds = seconds(window_.length());
  }
  phase_ = phase::draining;
  heard_ = 0;
  timer_.cancel();
  for (auto& x : workers_)
    x->stop(window_.end, settings_.drain);
}

void runner::fail_set_up() {
  out_.failures.add("not everybody came in within the time of --setup");
  dismiss();
}

void runner::dismiss() {
  phase_ = phase::dismissing;
  heard_ = 0;
  timer_.cancel();
  for (auto& x : workers_)
    x->dismiss();
}

void runner::collect() {
  bool first = true;
  for (auto& x : workers_) {
    if (first)
      out_.units = x->records().units();
    else
      out_.units.merge(x->records().units());
    first = false;
    for (auto& [name, latencies] : x->records().steps())
      out_.steps[name].merge(latencies);
    out_.totals += x->scenario().totals();
    out_.failures.merge(x->scenario().failures());
    auto [stopped, cut_off] = x->scenario().stopped();
    out_.stopped += stopped;
    out_.cut_off += cut_off;
  }
  out_.latency = out_.units.total();
  out_.count = static_cast<double>(out_.latency.count());
  if (settings_.scenario == scenario_kind::idle)
    out_.count = static_cast<double>(out_.totals.received) * out_.seconds;
}

void runner::on_progress(const progress& x) {
  recent_.arrived += x.arrived;
  recent_.expected += x.expected;
  recent_.recent.merge(x.recent);
  if (++told_ < workers_.size())
    return;
  tell();
  told_ = 0;
  recent_ = {};
}

void runner::tell() {
  if (settings_.quiet)
    return;
  constexpr const char* names[] = {"set-up", "warm-up", "measuring", "draining",
                                   "leaving"};
  std::fprintf(stderr, "%4.0f s  %-9s", seconds(steady::now() - started_),
               names[static_cast<int>(phase_)]);
  auto& x = recent_.recent;
  if (x.count() == 0)
    std::fprintf(stderr, "  %zu of %zu connections\n", recent_.arrived,
                 recent_.expected);
  else
    std::fprintf(stderr, "  %llu /s  p50 %.0f us  p99 %.0f us  max %.0f us\n",
                 static_cast<unsigned long long>(x.count()),
                 static_cast<double>(x.percentile(50)) / 1e3,
                 static_cast<double>(x.percentile(99)) / 1e3,
                 static_cast<double>(x.max()) / 1e3);
}

} // namespace

outcome run(const options& settings) {
  return runner{settings}.run();
}

} // namespace observer::loadgen
