#include "actors/registry.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace observer {

namespace {

/// How long a room may take to say how it is.
constexpr auto snapshot_timeout = std::chrono::seconds{5};

/// Addresses whose bucket is remembered before full ones are dropped.
constexpr std::size_t bucket_limit = 10'000;

failure no_such_room() {
  return {errc::room_not_found, "there is no such room"};
}

} // namespace

registry::registry(caf::actor_config& config, const runtime::placement& where,
                   registry_services services)
  : inspectable(config, where, "registry", "registry"),
    services_(std::move(services)),
    clock_(where.clock),
    next_room_(to_number(services_.stored.next_room)),
    next_user_(to_number(services_.stored.next_user)),
    hosts_(services_.limits.remembered_hosts) {
  set_down_handler([this](caf::down_msg& x) { on_down(x); });
}

template <class T>
auto registry::leads() {
  return on(
    [this](const client_ref& client, T& request, const reply_token& token) {
      if (auto room = find(request.room))
        send(room, client, std::move(request), token);
      else
        token->answer(no_such_room());
    });
}

registry::behavior_type registry::make_behavior() {
  for (auto id : services_.stored.open)
    spawn_room(id, room::origin::stored);
  services_.stored.open = {};
  return {
    on([this](const get_snapshot&) -> actor_snapshot {
      return registry_snapshot{rooms_.size(), made_, failed_};
    }),
    // sessions
    on([this](const open_room& x, const client_ref& client,
              host_request& request,
              const reply_token& token) { host(x, client, request, token); }),
    leads<join_request>(),
    leads<rejoin_request>(),
    on([this](const client_ref& client,
              const resume_request& x) -> caf::result<bool> {
      if (auto room = find(x.room))
        return delegate(room, client, x);
      return false;
    }),
    on([this](const find_room& x, const reply_token& token) {
      if (auto room = find(x.room))
        send(room, x, token);
      else
        token->answer(no_such_room());
    }),
    // rooms
    on([this](const room_ended& x) {
      if (auto i = rooms_.find(x.room); i != rooms_.end()) {
        unwatch(i->second);
        rooms_.erase(i);
      }
    }),
    // REST
    on([this](const find_room& x) -> caf::result<room_data_ptr> {
      auto room = find(x.room);
      if (!room)
        return room_data_ptr{};
      auto promise = make_response_promise<room_data_ptr>();
      request(room, snapshot_timeout, describe_room{})
        .then([promise](const room_data_ptr& y) mutable { promise.deliver(y); },
              [promise](const caf::error& y) mutable { promise.deliver(y); });
      return promise;
    }),
    on([this](const list_rooms& x) -> caf::result<std::vector<room_data_ptr>> {
      std::vector<room_actor> chosen;
      auto i = x.after ? rooms_.upper_bound(*x.after) : rooms_.begin();
      for (; i != rooms_.end() && (x.limit == 0 || chosen.size() < x.limit);
           ++i)
        chosen.push_back(i->second);
      return gather<room_data_ptr, room_data_ptr>(
        std::move(chosen), describe_room{},
        [](std::vector<room_data_ptr>& all, const room_data_ptr& room) {
          if (room)
            all.push_back(room);
        },
        x.limit);
    }),
    on([this](const list_users& x) -> caf::result<std::vector<user_row>> {
      std::vector<room_actor> all;
      for (auto& [id, room] : rooms_)
        all.push_back(room);
      return gather<user_row, std::vector<user_row>>(
        std::move(all), x,
        [](std::vector<user_row>& rows, const std::vector<user_row>& more) {
          rows.insert(rows.end(), more.begin(), more.end());
        },
        x.limit);
    }),
  };
}

void registry::on_exit() {
  rooms_.clear();
  services_.store = nullptr;
  inspectable::on_exit();
}

// -- rooms --------------------------------------------------------------------

/// A retry is led to the room that the first one made, if it is still there.
void registry::host(const open_room& from, const client_ref& client,
                    host_request& request, const reply_token& token) {
  auto now = clock_.steady_now();
  auto key = retry_key(request, client.session);
  if (key)
    if (auto made = hosts_.find(*key, now))
      if (auto room = find(*made)) {
        send(room, client, host_retry{from.may_enter}, token);
        return;
      }
  if (!from.may_enter) {
    ++services_.met.rooms_per_socket;
    return token->answer(too_many_rooms());
  }
  if (!within_rate(from.address)) {
    ++services_.met.room_rate;
    return token->answer(
      failure{errc::rate_limited, "too many rooms made from this address"});
  }
  auto room = make_room(client, request, token);
  if (key && !hosts_.remember(*key, room, now + services_.limits.grace))
    ++services_.met.remembered_hosts;
}

room_id registry::make_room(const client_ref& client, host_request& request,
                            const reply_token& token) {
  room_id id{next_room_++};
  ++made_;
  send(spawn_room(id, room::origin::fresh), client, std::move(request), token);
  return id;
}

room_actor registry::spawn_room(room_id id, room::origin from) {
  auto& places = services_.places;
  auto& place = places[static_cast<std::size_t>(to_number(id)) % places.size()];
  auto actor = spawn<room>(place,
                           room_services{services_.limits, services_.encoder,
                                         services_.store, registry_actor{this},
                                         next_user_, services_.met},
                           id, from);
  watch(actor);
  rooms_.emplace(id, actor);
  return actor;
}

bool registry::within_rate(const std::string& address) {
  if (!services_.limits.rate_limits)
    return true;
  auto now = clock_.steady_now();
  if (buckets_.size() >= bucket_limit)
    std::erase_if(buckets_,
                  [&](const auto& x) { return x.second.is_full(now); });
  auto [i, fresh] = buckets_.try_emplace(
    address, services_.limits.rooms_per_second, services_.limits.room_burst);
  return i->second.take(now);
}

room_actor registry::find(room_id room) const {
  auto i = rooms_.find(room);
  return i != rooms_.end() ? i->second : room_actor{};
}

/// Only a room that failed comes here: others say `room_ended` first.
void registry::on_down(const caf::down_msg& down) {
  watched_is_down(down.source.id());
  auto i = std::find_if(rooms_.begin(), rooms_.end(), [&](auto& x) {
    return x.second.address() == down.source;
  });
  if (i == rooms_.end())
    return;
  spdlog::error("registry.room_failed room={} reason={:?}", to_string(i->first),
                to_string(down.reason));
  rooms_.erase(i);
  ++failed_;
}

// -- REST ---------------------------------------------------------------------

namespace {

void sort_rows(std::vector<room_data_ptr>& rows) {
  std::sort(rows.begin(), rows.end(),
            [](auto& a, auto& b) { return a->id < b->id; });
}

void sort_rows(std::vector<user_row>& rows) {
  std::sort(rows.begin(), rows.end(),
            [](auto& a, auto& b) { return a.user.id < b.user.id; });
}

} // namespace

template <class Row, class Answer, class Query, class Add>
caf::typed_response_promise<std::vector<Row>>
registry::gather(std::vector<room_actor> rooms, Query query, Add add,
                 std::uint32_t limit) {
  struct gathering {
    std::vector<Row> rows;
    std::size_t missing = 0;
  };
  auto promise = make_response_promise<std::vector<Row>>();
  auto state = std::make_shared<gathering>();
  state->missing = rooms.size();
  auto one_less = [state, promise, limit]() mutable {
    if (--state->missing > 0)
      return;
    sort_rows(state->rows);
    if (limit > 0 && state->rows.size() > limit)
      state->rows.resize(limit);
    promise.deliver(std::move(state->rows));
  };
  if (rooms.empty())
    promise.deliver(std::vector<Row>{});
  for (auto& room : rooms)
    request(room, snapshot_timeout, query)
      .then(
        [state, add, one_less](const Answer& x) mutable {
          add(state->rows, x);
          one_less();
        },
        [one_less](const caf::error&) mutable { one_less(); });
  return promise;
}

} // namespace observer
