#include "actors/event_store.hpp"

namespace observer {

event_store::event_store(caf::actor_config& config,
                         const runtime::placement& where,
                         std::unique_ptr<store> backend)
  : inspectable(config, where, "event_store", backend->snapshot().kind),
    backend_(std::move(backend)) {
}

event_store::behavior_type event_store::make_behavior() {
  return {
    on([this](const get_snapshot&) -> actor_snapshot {
      return backend_->snapshot();
    }),
    on([this](append& x) { append_and_answer(x); }),
    on([this](const room_ended& x) { backend_->forget(x.room); }),
    on([this](const page_query& x) { return backend_->read(x); }),
  };
}

void event_store::append_and_answer(append& x) {
  appended result;
  try {
    if (!x.events.empty())
      backend_->append(x.room, x.events);
    if (x.query)
      result.page = backend_->read(*x.query);
  } catch (const store_error& error) {
    spdlog::error("store.append_refused room={} what={:?}", to_string(x.room),
                  error.what());
    result.ok = false;
  }
  send(x.from, std::move(result));
}

} // namespace observer
