#include "tools/observerd/application.hpp"

#include "actors/store/backend/private_files.hpp"
#include "actors/store/backend/sqlite_store.hpp"
#include "actors/store/store_reader.hpp"
#include "messages/hub.hpp"
#include "net/engineio/random_id.hpp"
#include "net/gateway/admin.hpp"
#include "net/gateway/rest.hpp"
#include "tools/observerd/admin_token.hpp"
#include "tools/observerd/client_assets.hpp"
#include "tools/observerd/limit_table.hpp"
#include "tools/observerd/process_figures.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <future>
#include <iostream>
#include <sstream>

namespace observer {

namespace {

/// Those who block have a loop each.
enum blocking_loop : std::size_t { commits, reads, hashing, blocking_loops };

/// Deadline of one step of the shutdown; all together stay under 10 s.
constexpr auto step_timeout = std::chrono::milliseconds{1500};

std::string url_of(const boost::asio::ip::tcp::endpoint& where) {
  std::ostringstream out;
  out << "http://" << where;
  return out.str();
}

page_limits limits_of_pages(const config& settings) {
  return {settings.limits.page_attachments, settings.limits.page_bytes};
}

std::filesystem::path store_file(const config& settings) {
  return settings.data / "observer.db";
}

/// With what SQLite keeps beside it.
std::uint64_t size_of_files(const std::filesystem::path& store) {
  std::uint64_t result = 0;
  for (const auto* suffix : {"", "-wal", "-shm"}) {
    std::error_code missing;
    auto size = std::filesystem::file_size(store.string() + suffix, missing);
    result += missing ? 0 : size;
  }
  return result;
}

} // namespace

application::application(const config& settings)
  : settings_(settings),
    actors_(settings.loops),
    loops_(settings.loops, blocking_loops, settings.busy_poll),
    options_(transport_with_alarms()),
    server_(options_),
    answers_(settings.limits.answer_bytes, met_.answer_bytes),
    script_(settings.serve_client ? client_assets()
                                  : std::vector<gateway::static_asset>{}) {
  auto backend = open_store(); // before anything that would have to be undone
  loops_.install(caf_config_);
  system_.emplace(caf_config_);
  // We wait by ourselves, with deadlines.
  system_->await_actors_before_shutdown(false);
  actor_surroundings around{
    settings_.limits, encoder_, met_,
    actors_,          {},       place_at(loops_.blocking(hashing))};
  for (std::size_t i = 0; i < loops_.size(); ++i)
    around.loops.push_back(place_at(loops_[i]));
  auto stored = backend->index();
  rooms_.emplace(*system_, std::move(around), start_store(std::move(backend)),
                 std::move(stored));
  for (std::size_t i = 0; i < loops_.size(); ++i)
    queries_.push_back(
      system_->spawn<gateway::query>(place_at(loops_[i]), rooms_->registry(),
                                     rooms_->history(), answers_, met_));
}

application::~application() {
  stop();
}

transport::options application::transport_with_alarms() {
  auto result = settings_.transport;
  result.on_backlog = [this](const transport::connection& who,
                             std::size_t waiting, bool behind) {
    using runtime::alarm_kind;
    auto now = std::chrono::steady_clock::now();
    auto which = reinterpret_cast<std::uintptr_t>(&who); // while it is there
    if (!behind)
      return actors_.alarms().clear(alarm_kind::slow_client, which, now);
    runtime::alarm_details details;
    details.kind = engineio::to_string_view(who.transport());
    details.name = who.address();
    details.figure = waiting;
    actors_.alarms().raise(alarm_kind::slow_client, which, details, now, now);
  };
  return result;
}

std::unique_ptr<store> application::open_store() {
  auto limits = limits_of_pages(settings_);
  if (settings_.store == "memory")
    return make_memory_store(limits);
  folder_.emplace(settings_.data);
  return std::make_unique<sqlite_store>(store_file(settings_), limits,
                                        store_access::serve);
}

runtime::placement application::place_at(runtime::loop& loop) {
  return {loop, actors_, &loop};
}

/// Whoever reads must not hold up who commits.
store_actors application::start_store(std::unique_ptr<store> backend) {
  auto in_memory = settings_.store == "memory";
  auto& loop = in_memory ? loops_[0] : loops_.blocking(commits);
  event_store_actor store = system_->spawn<event_store>(
    place_at(loop), std::move(backend), settings_.keep,
    settings_.limits.recovery_window, store_health_);
  if (in_memory)
    return {store, store};
  auto open = [file = store_file(settings_),
               limits = limits_of_pages(settings_)] {
    return std::make_unique<const sqlite_store>(file, limits,
                                                store_access::accompany);
  };
  return {store, system_->spawn<store_reader>(place_at(loops_.blocking(reads)),
                                              open, store)};
}

gateway::session_finder application::make_session_finder() {
  if (!settings_.limits.recovery_window)
    return nullptr;
  return [this](hub_message::recover_client request) {
    auto loop = engineio::loop_of(request.recovery_id) % loops_.size();
    rooms_->recover(loop, std::move(request));
  };
}

bool application::store_keeps_up() const {
  return store_health_.is_writable()
         && store_health_.commit_age(std::chrono::steady_clock::now())
              <= settings_.max_commit_time;
}

transport::admission_check application::make_admission_check() {
  return [this](const http::request&, const auto& decide) {
    transport::admission verdict;
    if (!store_keeps_up()) {
      ++met_.commit_time;
      verdict.refused = engineio::refusal::overloaded;
    }
    decide(verdict);
  };
}

// -- start --------------------------------------------------------------------

sio::server& application::make_io(std::size_t loop) {
  sio::server_options options;
  options.protocol = settings_.socketio;
  options.keep_requests = false;
  options.met = &packets_met_;
  auto& io = *io_.emplace_back(
    std::make_unique<sio::server>(loops_[loop].context(), options));
  gateway::rooms_services services{settings_.limits,
                                   [this, loop](client_port_ptr port) {
                                     return rooms_->begin_session(
                                       loop, std::move(port));
                                   },
                                   make_session_finder(),
                                   loop,
                                   loops_.size(),
                                   loops_[loop].context(),
                                   met_,
                                   ended_};
  io.serve(std::string{gateway::rooms_namespace::name},
           std::make_shared<gateway::rooms_namespace>(std::move(services)));
  return io;
}

void application::start() {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    server_.add_worker(loops_[i].context(),
                       {make_io(i).at("/socket.io/", make_admission_check())},
                       gateway::make_rest_router(
                         queries_[i], settings_.limits,
                         [this] { return ready_ && store_keeps_up(); },
                         script_));
  }
  auto where = server_.listen(settings_.listen);
  if (settings_.admin)
    start_admin();
  watch_ = std::jthread{
    [watchdog = runtime::watchdog{loops_, actors_}](
      const std::stop_token& stop) mutable { watchdog.run(stop); }};
  ready_ = true;
  if (settings_.serve_client && script_.empty())
    spdlog::info("observerd.no_client_script why=\"npm was out of reach when "
                 "this was built\"");
  spdlog::info("observerd.listening url={} loops={} store={}", url_of(where),
               loops_.size(), settings_.store);
  std::cout << "observerd listening on " << url_of(where) << std::endl;
}

void application::start_admin() {
  make_private_folder(settings_.data);
  auto file = settings_.data / "admin.token";
  auto token = make_admin_token(file);
  admin_options_.origins = http::origin_policy{{}, settings_.allow_hosts};
  admin_options_.known_hosts_only = true;
  admin_.emplace(admin_options_);
  admin_->add_worker(
    loops_[0].context(), {}, // no Engine.IO here
    gateway::make_admin_handler(
      queries_[0], actors_, ended_,
      [this] {
        return limits_as_json(settings_, server_.met(), packets_met_, met_);
      },
      [this](std::vector<actor_snapshot> found) {
        return write_metrics(std::move(found));
      },
      gateway::admin_gate{std::move(token), settings_.limits.admin_tries,
                          met_.admin_tries}));
  auto where = admin_->listen(*settings_.admin);
  std::cout << "observerd admin on " << url_of(where) << " token in "
            << file.string() << std::endl;
}

std::string application::write_metrics(std::vector<actor_snapshot> found) {
  gateway::server_figures out;
  out.actors = actors_.totals();
  out.alarms = actors_.alarms().counts();
  out.snapshots = std::move(found);
  out.ends = ended_.counts();
  out.ended_kept = ended_.size(std::chrono::steady_clock::now());
  out.limits = limits_met(settings_, server_.met(), packets_met_, met_);
  out.commit_seconds = store_health_.commit_seconds().Collect();
  if (settings_.store != "memory")
    out.store_bytes = size_of_files(store_file(settings_));
  out.process = measure_process();
  for (std::size_t i = 0; i < loops_.size(); ++i)
    out.process.loop_cpu_seconds.push_back(
      std::chrono::duration<double>(loops_[i].cpu_time()).count());
  return gateway::to_prometheus(out);
}

// -- stop ---------------------------------------------------------------------

/// Clients see a line that breaks; from here on nobody can be told anything, so
/// whatever ends after this ends unseen.
void application::shut_doors() {
  auto deadline = std::chrono::steady_clock::now() + step_timeout;
  auto shut = server_.shut();
  if (admin_)
    admin_->shut();
  if (shut.wait_until(deadline) != std::future_status::ready)
    spdlog::warn("observerd.shutdown_slow waiting_for=connections");
}

void application::stop() {
  if (!system_)
    return;
  ready_ = false;
  watch_ = {}; // joins: the loops end soon
  shut_doors();
  rooms_->end(step_timeout);
  std::vector<caf::actor> queries;
  for (auto& x : queries_)
    queries.push_back(caf::actor_cast<caf::actor>(x));
  end_actors(*system_, queries, "queries", step_timeout);
  server_.release().wait_for(step_timeout);
  if (admin_)
    admin_->release().wait_for(step_timeout);
  for (auto& io : io_)
    io->close();
  queries_.clear();
  rooms_.reset();
  system_.reset();
}

} // namespace observer
