#include "actors/server_actors.hpp"

#include "actors/hub/hub.hpp"
#include "actors/password_keeper.hpp"
#include "actors/registry/registry.hpp"
#include "actors/session/reviver.hpp"
#include "actors/session/session.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <spdlog/spdlog.h>

#include <utility>

namespace observer {

namespace {

/// Waits until so many of those whom `self` monitors have ended.
bool await_ends(caf::scoped_actor& self, std::size_t count,
                std::string_view whom, std::chrono::milliseconds patience) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (count > 0) {
    auto left = deadline - std::chrono::steady_clock::now();
    auto late = false;
    self->receive([&](const caf::down_msg&) { --count; },
                  caf::after(std::max(left, left.zero())) >>
                    [&] { late = true; });
    if (late) {
      spdlog::warn("observerd.shutdown_slow waiting_for={} left={}", whom,
                   count);
      return false;
    }
  }
  return true;
}

template <class Handle>
std::vector<caf::actor> untyped(const std::vector<Handle>& all) {
  std::vector<caf::actor> result;
  for (auto& x : all)
    result.push_back(caf::actor_cast<caf::actor>(x));
  return result;
}

template <class... Handle>
std::vector<caf::actor> only(const Handle&... x) {
  return {caf::actor_cast<caf::actor>(x)...};
}

} // namespace

bool end_actors(caf::actor_system& system, const std::vector<caf::actor>& all,
                std::string_view whom, std::chrono::milliseconds patience) {
  caf::scoped_actor self{system, true};
  for (auto& x : all) {
    self->monitor(x);
    caf::anon_send_exit(x, caf::exit_reason::user_shutdown);
  }
  return await_ends(self, all.size(), whom, patience);
}

server_actors::server_actors(caf::actor_system& system,
                             actor_surroundings around, store_actors store,
                             stored_rooms stored)
  : system_(system),
    around_(std::move(around)),
    store_(std::move(store)),
    line_(around_.limits.password_line) {
  auto& [limits, encoder, met, directory, loops, hashing, cost] = around_;
  passwords_ = system.spawn<password_keeper>(hashing, cost, line_);
  registry_ = system.spawn<observer::registry>(
    loops.front(),
    registry_services{limits, encoder, store_.store, password_line(), loops,
                      std::move(stored), met});
  for (std::size_t i = 0; i < loops.size(); ++i) {
    hubs_.push_back(system.spawn<hub>(loops[i], limits, encoder));
    if (limits.recovery_window)
      revivers_.push_back(system.spawn<reviver>(
        loops[i], reviver_services{limits, encoder, registry_, store_.store,
                                   hubs_[i], [this, i](client_port_ptr port) {
                                     return make_session(i, std::move(port));
                                   }}));
  }
}

client_ref server_actors::make_session(std::size_t loop, client_port_ptr port) {
  session_id id{next_session_.fetch_add(1)};
  caf::anon_send(hubs_[loop], hub_message::attach_client{id, port});
  session_services services{around_.limits, around_.encoder, registry_,
                            hubs_[loop],    store_.store,    password_line(),
                            around_.met};
  auto key = make_session_key(around_.limits, *port);
  auto actor = system_.spawn<session>(around_.loops[loop], services, id,
                                      std::move(port), key);
  return {id, actor, hubs_[loop], key};
}

session_actor server_actors::begin_session(std::size_t loop,
                                           client_port_ptr port) {
  auto made = make_session(loop, std::move(port));
  if (made.key)
    caf::anon_send(made.hub,
                   hub_message::remember_client{made.session, made.actor, {}});
  return made.actor;
}

void server_actors::recover(std::size_t loop,
                            hub_message::recover_client request) {
  request.otherwise = reviver_at(loop);
  caf::anon_send(hubs_[loop], std::move(request));
}

void server_actors::end(std::chrono::milliseconds patience) {
  auto end = [&](const std::vector<caf::actor>& all, std::string_view whom) {
    return end_actors(system_, all, whom, patience);
  };
  auto& directory = around_.directory;
  end(untyped(revivers_), "revivers");
  if (around_.limits.recovery_window) { // they would wait for their clients
    end(directory.all(session::kind), "sessions");
  } else { // their connections are gone, and they see that by themselves
    caf::scoped_actor self{system_, true};
    auto all = directory.all(session::kind);
    for (auto& x : all)
      self->monitor(x);
    await_ends(self, all.size(), "sessions", patience);
  }
  // The registry hears of every room that ends, so it goes before them.
  end(only(registry_), "registry");
  end(directory.all(room::kind), "rooms");
  if (store_.history.id() != store_.store.id())
    end(only(store_.history), "the store's reader");
  end(only(passwords_), "the keeper of passwords");
  end(only(store_.store), "the store");
  end(untyped(hubs_), "hubs");
}

} // namespace observer
