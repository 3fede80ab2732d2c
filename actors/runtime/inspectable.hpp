#pragma once

#include "actors/runtime/directory.hpp"
#include "actors/runtime/loop.hpp"
#include "actors/runtime/message_handler.hpp"

#include <caf/actor_config.hpp>
#include <caf/detail/type_traits.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cassert>
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

/// Logs that an actor handles a message.
void log_message(const actor_record& who, const char* name,
                 caf::actor_id sender);

/// Notes that a handler took that long, should it be too long.
void note_slow(directory& actors, const actor_record& who, const loop* home,
               std::uint64_t took);

/// Logs what an actor's handler has thrown.
/// @returns the error that the actor ends with.
caf::error failed(const actor_record& who, const std::exception_ptr& thrown);

/// Ticks of a handler from which on it is asked whether it was slow: a counter
/// that runs at 1 GHz, or faster, needs no more for what is slow in a loop.
constexpr std::uint64_t maybe_slow = 100'000'000;

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
    constexpr auto handlers
      = caf::detail::tl_size<typename Interface::signatures>::value;
    record_.handlers = std::make_unique<message_handler[]>(handlers);
    record_.handlers_count = handlers;
    record_.id = this->id();
    record_.kind = kind;
    record_.label = std::move(label);
    record_.address = this->address();
    if (home_ != nullptr)
      record_.loop = static_cast<int>(home_->index());
    // CAF's defaults print to stdout.
    this->set_default_handler(caf::drop);
    this->set_exception_handler(
      [this](std::exception_ptr& thrown) { return failed(record_, thrown); });
    directory_.add(record_);
    listed_ = true;
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

  // -- running ----------------------------------------------------------------

  caf::resumable::resume_result resume(caf::execution_unit* unit,
                                       std::size_t limit) override {
    auto begin = ticks();
    handled_until_ = begin;
    if (home_ != nullptr)
      home_->now_runs(record_.id);
    auto result = run(unit, limit);
    if (home_ != nullptr)
      home_->now_runs(0);
    bump(record_.busy_ticks, ticks() - begin);
    // Only the actor's own thread may ask a mailbox for its size, and only
    // while it is open.
    auto left = result == caf::resumable::resume_later ? this->mailbox().size()
                                                       : 0;
    auto enqueued = record_.enqueued.load(std::memory_order_relaxed);
    record_.enqueued_then.store(enqueued, std::memory_order_relaxed);
    record_.left_in_mailbox.store(left, std::memory_order_relaxed);
    if (left >= crowded_mailbox) [[unlikely]]
      directory_.alarms().watch_mailbox(record_.id);
    return result;
  }

  /// CAF looks for a handler by trying one after the other, and prepares for a
  /// result that most have not. What is a plain message goes straight to its
  /// handler; all else is left to CAF.
  caf::invoke_message_result consume(caf::mailbox_element& x) override {
    auto plain = !x.mid.is_request() && !x.mid.is_response()
                 && this->awaited_responses_.empty() && this->has_behavior();
    if (auto* handler = plain ? find_handler(typeid(x)) : nullptr) {
      this->current_element_ = &x; // who sent it
      handling now{*this, *handler};
      handler->kind()->take(handler->closure(), x);
      return caf::invoke_message_result::consumed;
    }
    return super::consume(x);
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

  // -- asking others ----------------------------------------------------------

  /// Whatever the answer to a request is, it shall be dropped.
  void forget(caf::message_id question) {
    this->multiplexed_responses_.erase(question);
  }

  // -- counting ---------------------------------------------------------------

  /// Wraps one handler of the behavior, which captures `this` at most.
  template <class F>
  auto on(F handler) {
    using trait = caf::detail::get_callable_trait<F>;
    return wrap(handler, typename trait::arg_types{},
                static_cast<typename trait::result_type*>(nullptr));
  }

  runtime::directory& directory() noexcept {
    return directory_;
  }

  [[nodiscard]] runtime::loop* home() const noexcept {
    return home_;
  }

private:
  /// What stands around each call of a handler.
  class handling {
  public:
    handling(inspectable& self, message_handler& handler)
      : self_(self),
        handler_(handler) {
      constexpr auto relaxed = std::memory_order_relaxed;
      auto& record = self.record_;
      const auto* name = handler.kind()->name;
      const auto& sender = self.current_sender();
      auto from = sender ? sender->id() : 0;
      record.message.store(name, relaxed);
      record.sender.store(from, relaxed);
      record.handling.store(true, relaxed);
      if (record.trace.load(relaxed)) [[unlikely]]
        log_message(record, name, from);
    }

    handling(const handling&) = delete;
    handling& operator=(const handling&) = delete;

    ~handling() {
      constexpr auto relaxed = std::memory_order_relaxed;
      auto& record = self_.record_;
      auto now = ticks();
      auto took = now - std::exchange(self_.handled_until_, now);
      if (took > record.longest_ticks.load(relaxed)) [[unlikely]] {
        record.longest_ticks.store(took, relaxed);
        record.longest.store(handler_.kind()->name, relaxed);
      }
      // Before it is seen to be over: who watches the loop says so as well.
      if (took >= maybe_slow) [[unlikely]]
        note_slow(self_.directory_, record, self_.home_, took);
      handler_.count_one();
      record.handling.store(false, relaxed);
    }

  private:
    inspectable& self_;
    message_handler& handler_;
  };

  /// A handler as CAF knows it.
  template <class F, class R, class... Args>
  struct handler_proxy {
    inspectable* self;
    message_handler* handler;

    R operator()(Args... args) {
      handling now{*self, *handler};
      return closure_of<F>(handler->closure())(std::forward<Args>(args)...);
    }
  };

  template <class F, class R, class... Args>
  auto wrap(F handler, caf::detail::type_list<Args...>, R*) {
    static const handler_kind kind{
      name_of<std::decay_t<Args>...>(),
      &typeid(caf::mailbox_element_vals<std::decay_t<Args>...>),
      std::is_void_v<R> ? &take<F, Args...> : nullptr};
    // The behavior is made once, with a handler for each kind of message.
    assert(handlers_ < record_.handlers_count);
    auto& mine = record_.handlers[handlers_++];
    mine.set(kind, handler);
    return handler_proxy<F, R, Args...>{this, &mine};
  }

  /// Null if there is none that could take the message by itself.
  message_handler* find_handler(const std::type_info& carrier) noexcept {
    for (std::size_t i = 0; i < handlers_; ++i) {
      const auto* kind = record_.handlers[i].kind();
      // Carriers are compared by address: should one have two, CAF finds it.
      if (kind->carrier == &carrier)
        return kind->take != nullptr ? &record_.handlers[i] : nullptr;
    }
    return nullptr;
  }

  /// As `caf::scheduled_actor::resume`, without what no actor here makes use of
  /// (streams, timeouts of receiving), and with all that waits in one round.
  caf::resumable::resume_result run(caf::execution_unit* unit,
                                    std::size_t limit) {
    if (!this->activate(unit))
      return caf::resumable::done;
    std::size_t handled = 0;
    typename super::mailbox_visitor visit{this, handled, limit};
    do {
      this->mailbox().new_round(limit - handled, visit);
      if (this->finalize())
        return caf::resumable::done;
      if (this->mailbox().try_block())
        return caf::resumable::awaiting_message;
    } while (handled < limit);
    return caf::resumable::resume_later;
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

  void leave_directory() {
    if (std::exchange(listed_, false))
      directory_.remove(record_);
  }

  runtime::directory& directory_;
  runtime::loop* home_;
  actor_record record_;
  std::uint64_t handled_until_ = 0; ///< ticks at the end of the last handler
  std::size_t handlers_ = 0;        ///< that are set
  bool listed_ = false;             ///< whether the directory has the record
};

} // namespace observer::runtime
