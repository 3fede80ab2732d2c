#pragma once

#include "actors/runtime/directory.hpp"
#include "actors/runtime/loop.hpp"

#include <caf/actor_config.hpp>
#include <caf/detail/type_traits.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <exception>
#include <string>
#include <utility>

namespace observer::runtime {

/// Where an actor lives.
struct placement {
  runtime::clock& clock;
  runtime::directory& actors;
  /// Null: CAF's own scheduling, i.e. a detached actor, or one under test.
  loop* home = nullptr;
};

/// Human-readable name of a message type, without namespaces.
[[nodiscard]] std::string short_type_name(const char* mangled);

template <class T>
const char* message_name() {
  static const std::string name = short_type_name(typeid(T).name());
  return name.c_str();
}

/// Adds to a counter that only one thread writes.
inline void bump(std::atomic<std::uint64_t>& counter, std::uint64_t by = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + by,
                std::memory_order_relaxed);
}

/// Base of all actors: pins the actor to its loop, counts what it handles,
/// makes it known to the directory and keeps track of whom it watches.
///
/// A derived class wraps each handler of its behavior in `on(...)`, and calls
/// `watch`/`unwatch` instead of `monitor`/`demonitor`.
template <class Interface>
class inspectable : public Interface::base {
public:
  using super = typename Interface::base;

  inspectable(caf::actor_config& config, const placement& where,
              const char* kind, std::string label)
    : super(config),
      directory_(where.actors),
      home_(where.home) {
    record_.id = this->id();
    record_.kind = kind;
    record_.label = std::move(label);
    record_.address = this->address();
    if (home_ != nullptr)
      record_.loop = static_cast<int>(home_->index());
    // CAF's defaults print to stdout.
    this->set_default_handler(caf::drop);
    this->set_exception_handler(
      [this](std::exception_ptr& thrown) { return on_exception(thrown); });
    entry_ = directory_.add(record_);
  }

  ~inspectable() override {
    leave_directory();
  }

  const char* name() const override {
    return record_.kind;
  }

  void on_exit() override {
    leave_directory();
    super::on_exit();
  }

  // -- pinning ----------------------------------------------------------------

  using super::enqueue;

  void enqueue(caf::mailbox_element_ptr what,
               caf::execution_unit* from) override {
    record_.enqueued.fetch_add(1, std::memory_order_relaxed);
    super::enqueue(std::move(what), home_ != nullptr ? home_ : from);
  }

  void launch(caf::execution_unit* from, bool lazy, bool hide) override {
    super::launch(home_ != nullptr ? home_ : from, lazy, hide);
  }

  caf::resumable::resume_result resume(caf::execution_unit* unit,
                                       std::size_t limit) override {
    auto begin = ticks();
    auto result = super::resume(unit, limit);
    bump(record_.busy_ticks, ticks() - begin);
    // Only the actor's own thread may ask a mailbox for its size, and only
    // while it is open.
    auto left = result == caf::resumable::resume_later ? this->mailbox().size()
                                                       : 0;
    auto enqueued = record_.enqueued.load(std::memory_order_relaxed);
    record_.enqueued_then.store(enqueued, std::memory_order_relaxed);
    record_.left_in_mailbox.store(left, std::memory_order_relaxed);
    return result;
  }

protected:
  // -- watching others --------------------------------------------------------

  template <class Handle>
  void watch(const Handle& target) {
    directory_.add_watch(record_, target.id());
    this->monitor(target);
  }

  template <class Handle>
  void unwatch(const Handle& target) {
    directory_.remove_watch(record_, target.id());
    this->demonitor(target.address());
  }

  /// Called for each `down_msg`, so that the directory knows as well.
  void watched_is_down(caf::actor_id target) {
    directory_.remove_watch(record_, target);
  }

  // -- counting ---------------------------------------------------------------

  /// Wraps one handler of the behavior.
  template <class F>
  auto on(F handler) {
    using trait = caf::detail::get_callable_trait<F>;
    ++handlers_;
    return wrap(std::move(handler), typename trait::arg_types{},
                static_cast<typename trait::result_type*>(nullptr));
  }

  runtime::directory& directory() noexcept {
    return directory_;
  }

  [[nodiscard]] runtime::loop* home() const noexcept {
    return home_;
  }

private:
  /// What stands around each handler call. `Counted` names the message: the
  /// argument that is not just an address.
  template <class F, class R, class... Args>
  struct counted_handler {
    F handler;
    inspectable* self;
    std::size_t slot;

    R operator()(Args... args) {
      auto& record = self->record_;
      auto& type = self->record_.types[slot];
      struct scope {
        actor_record& record;
        actor_record::type_count& type;
        ~scope() {
          bump(type.count);
          record.running.store(nullptr, std::memory_order_relaxed);
        }
      } guard{record, type};
      record.running.store(type.name, std::memory_order_relaxed);
      if (record.trace.load(std::memory_order_relaxed)) [[unlikely]]
        self->trace_message(type.name);
      return handler(std::forward<Args>(args)...);
    }
  };

  template <class F, class R, class... Args>
  auto wrap(F handler, caf::detail::type_list<Args...>, R*) {
    // The behavior is built once, before any message, so the table may grow.
    std::vector<actor_record::type_count> grown(handlers_);
    for (std::size_t i = 0; i + 1 < handlers_; ++i)
      grown[i].name = record_.types[i].name;
    grown.back().name = name_of<std::decay_t<Args>...>();
    record_.types.swap(grown);
    return counted_handler<F, R, Args...>{std::move(handler), this,
                                          handlers_ - 1};
  }

  /// The type that names a message: the second where the first only says who
  /// or which.
  template <class First, class... Rest>
  static const char* name_of() {
    if constexpr (sizeof...(Rest) == 0)
      return message_name<First>();
    else
      return message_name<std::tuple_element_t<0, std::tuple<Rest...>>>();
  }

  void trace_message(const char* type) {
    auto sender = this->current_sender();
    spdlog::info("actor.trace actor={} kind={} name={:?} message={} from={}",
                 record_.id, record_.kind, record_.label, type,
                 sender ? sender->id() : 0);
  }

  caf::error on_exception(std::exception_ptr& thrown) {
    std::string what = "unknown exception";
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& x) {
      what = x.what();
    } catch (...) {
      // `what` says all there is.
    }
    spdlog::error("actor.failed actor={} kind={} name={:?} what={:?}",
                  record_.id, record_.kind, record_.label, what);
    return caf::make_error(caf::sec::runtime_error, what);
  }

  void leave_directory() {
    if (entry_)
      directory_.remove(*entry_);
    entry_.reset();
  }

  runtime::directory& directory_;
  runtime::loop* home_;
  actor_record record_;
  std::optional<runtime::directory::entry> entry_;
  std::size_t handlers_ = 0;
};

} // namespace observer::runtime
