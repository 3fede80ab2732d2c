#include "actors/store/store_reader.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace observer {

store_reader::store_reader(caf::actor_config& config,
                           const runtime::placement& where, opener open,
                           event_store_actor owner)
  : inspectable(config, where, "store_reader", "store_reader"),
    open_(std::move(open)),
    owner_(std::move(owner)) {
}

store_reader::behavior_type store_reader::make_behavior() {
  return {
    on([this](const get_snapshot&) -> actor_snapshot {
      return reader_snapshot{backend_ != nullptr, pages_, passed_};
    }),
    on([this](const page_query& x) { return read(x); }),
  };
}

void store_reader::on_exit() {
  backend_.reset(); // before the connection that writes
  owner_ = nullptr;
  inspectable::on_exit();
}

caf::result<message_page> store_reader::read(const page_query& query) {
  try {
    if (!backend_)
      backend_ = open_();
    auto page = backend_->read(query);
    ++pages_;
    return page;
  } catch (const store_error& error) {
    spdlog::debug("store_reader.left_to_store what={:?}", error.what());
    backend_.reset();
    ++passed_;
    return delegate(owner_, query);
  }
}

} // namespace observer
