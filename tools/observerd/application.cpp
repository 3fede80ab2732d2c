#include "tools/observerd/application.hpp"

#include "actors/hub/hub.hpp"
#include "actors/password_keeper.hpp"
#include "actors/registry/registry.hpp"
#include "actors/session/reviver.hpp"
#include "actors/session/session.hpp"
#include "actors/store/backend/private_files.hpp"
#include "actors/store/backend/sqlite_store.hpp"
#include "actors/store/store_reader.hpp"
#include "messages/hub.hpp"
#include "messages/session.hpp"
#include "net/gateway/admin.hpp"
#include "net/gateway/rest.hpp"
#include "tools/observerd/admin_token.hpp"
#include "tools/observerd/limit_table.hpp"

#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <future>
#include <iostream>
#include <sstream>
#include <thread>

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

} // namespace

application::application(const config& settings)
  : settings_(settings),
    actors_(settings.loops),
    loops_(settings.loops, blocking_loops, settings.busy_poll),
    server_(settings.transport),
    answers_(settings.limits.answer_bytes, met_.answer_bytes),
    passwords_line_(settings.limits.password_line) {
  auto backend = open_store(); // before anything that would have to be undone
  loops_.install(caf_config_);
  system_.emplace(caf_config_);
  // We wait by ourselves, with deadlines.
  system_->await_actors_before_shutdown(false);
  auto& system = *system_;
  auto& store_loop = settings_.store == "memory" ? loops_[0]
                                                 : loops_.blocking(commits);
  auto stored = backend->index();
  store_ = system.spawn<event_store>(
    runtime::placement{store_loop, actors_, &store_loop}, std::move(backend),
    settings_.keep, settings_.limits.recovery_window, store_health_);
  history_ = make_reader();
  auto& hashing_loop = loops_.blocking(hashing);
  passwords_ = system.spawn<password_keeper>(
    runtime::placement{hashing_loop, actors_, &hashing_loop},
    domain::password_cost::interactive(), passwords_line_);
  registry_services services{
    settings_.limits,  encoder_, store_, passwords(), {},
    std::move(stored), met_};
  for (std::size_t i = 0; i < loops_.size(); ++i)
    services.places.push_back(place(i));
  registry_ = system.spawn<registry>(place(0), std::move(services));
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    hubs_.push_back(system.spawn<hub>(place(i), settings_.limits, encoder_));
    if (settings_.limits.recovery_window)
      revivers_.push_back(system.spawn<reviver>(
        place(i),
        reviver_services{settings_.limits, encoder_, registry_, store_,
                         hubs_[i], [this, i](client_port_ptr port) {
                           return make_session(i, std::move(port));
                         }}));
    queries_.push_back(system.spawn<gateway::query>(place(i), registry_,
                                                    history_, answers_, met_));
  }
}

application::~application() {
  stop();
}

std::unique_ptr<store> application::open_store() {
  auto limits = limits_of_pages(settings_);
  if (settings_.store == "memory")
    return make_memory_store(limits);
  folder_.emplace(settings_.data);
  return std::make_unique<sqlite_store>(store_file(settings_), limits,
                                        store_access::serve);
}

/// Whoever reads must not hold up who commits.
history_actor application::make_reader() {
  if (settings_.store == "memory")
    return store_;
  auto& loop = loops_.blocking(reads);
  return system_->spawn<store_reader>(
    runtime::placement{loop, actors_, &loop},
    [file = store_file(settings_), limits = limits_of_pages(settings_)] {
      return std::make_unique<const sqlite_store>(file, limits,
                                                  store_access::accompany);
    },
    store_);
}

password_service application::passwords() {
  return {passwords_, passwords_line_};
}

runtime::placement application::place(std::size_t loop) {
  return {loops_[loop], actors_, &loops_[loop]};
}

client_ref application::make_session(std::size_t loop, client_port_ptr port) {
  session_id id{next_session_.fetch_add(1)};
  caf::anon_send(hubs_[loop], hub_message::attach_client{id, port});
  session_services services{
    settings_.limits, encoder_,    registry_, hubs_[loop],
    store_,           passwords(), met_};
  auto key = make_session_key(settings_.limits, *port);
  auto actor = system_->spawn<session>(place(loop), services, id,
                                       std::move(port), key);
  return {id, actor, hubs_[loop], key};
}

gateway::session_factory application::make_session_factory(std::size_t loop) {
  return [this, loop](client_port_ptr port) {
    auto made = make_session(loop, std::move(port));
    if (made.key)
      caf::anon_send(
        made.hub, hub_message::remember_client{made.session, made.actor, {}});
    return made.actor;
  };
}

gateway::session_finder application::make_session_finder() {
  if (!settings_.limits.recovery_window)
    return nullptr;
  return [this](hub_message::recover_client request) {
    auto loop = gateway::loop_of(request.recovery_id, hubs_.size());
    request.otherwise = revivers_[loop];
    caf::anon_send(hubs_[loop], std::move(request));
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
                                   make_session_factory(loop),
                                   make_session_finder(),
                                   loop,
                                   loops_.size(),
                                   loops_[loop].context(),
                                   met_};
  io.serve(std::string{gateway::rooms_namespace::name},
           std::make_shared<gateway::rooms_namespace>(std::move(services)));
  return io;
}

void application::start() {
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    server_.add_worker(
      loops_[i].context(),
      {make_io(i).at("/socket.io/", make_admission_check())},
      gateway::make_rest_router(queries_[i], settings_.limits,
                                [this] { return ready_ && store_keeps_up(); }));
  }
  auto where = server_.listen(settings_.listen);
  if (settings_.admin)
    start_admin();
  ready_ = true;
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
      queries_[0], actors_,
      [this] {
        return limits_as_json(settings_, server_.met(), packets_met_, met_);
      },
      gateway::admin_gate{std::move(token), settings_.limits.admin_tries,
                          met_.admin_tries}));
  auto where = admin_->listen(*settings_.admin);
  std::cout << "observerd admin on " << url_of(where) << " token in "
            << file.string() << std::endl;
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

bool application::await_none(std::string_view kind) {
  auto deadline = std::chrono::steady_clock::now() + step_timeout;
  while (actors_.count(kind) > 0) {
    if (std::chrono::steady_clock::now() >= deadline) {
      spdlog::warn("observerd.shutdown_slow waiting_for={}", kind);
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

void application::end_all(std::string_view kind) {
  for (auto& info : actors_.list())
    if (info.kind == kind)
      if (auto actor = caf::actor_cast<caf::actor>(actors_.address_of(info.id)))
        caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}

void application::stop() {
  if (!system_)
    return;
  using caf::exit_reason;
  ready_ = false;
  shut_doors();
  end_all("reviver");
  await_none("reviver");
  if (settings_.limits.recovery_window) // they would wait for their clients
    end_all("session");
  await_none("session");
  // The registry hears of every room that ends, so it goes before them.
  caf::anon_send_exit(registry_, exit_reason::user_shutdown);
  await_none("registry");
  end_all("room");
  await_none("room");
  if (history_.id() != store_.id())
    caf::anon_send_exit(history_, exit_reason::user_shutdown);
  await_none("store_reader");
  caf::anon_send_exit(passwords_, exit_reason::user_shutdown);
  await_none("password_keeper");
  caf::anon_send_exit(store_, exit_reason::user_shutdown);
  for (auto& x : hubs_)
    caf::anon_send_exit(x, exit_reason::user_shutdown);
  for (auto& x : queries_)
    caf::anon_send_exit(x, exit_reason::user_shutdown);
  await_none("event_store");
  await_none("hub");
  await_none("query");
  server_.release().wait_for(step_timeout);
  if (admin_)
    admin_->release().wait_for(step_timeout);
  for (auto& io : io_)
    io->close();
  store_ = nullptr;
  history_ = nullptr;
  passwords_ = nullptr;
  registry_ = nullptr;
  hubs_.clear();
  revivers_.clear();
  queries_.clear();
  system_.reset();
}

} // namespace observer
