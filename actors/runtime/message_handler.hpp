#pragma once

#include <caf/mailbox_element.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <tuple>
#include <type_traits>
#include <typeinfo>

namespace observer::runtime {

/// How messages of one type are handled, by all actors of a kind.
struct handler_kind {
  const char* name; ///< of the message

  /// What brings such a message to the mailbox.
  const std::type_info* carrier;

  /// Handles what a carrier brings; null if the sender waits for a result, for
  /// that is CAF's affair.
  void (*take)(const std::byte* closure, caf::mailbox_element& carrier);
};

/// One actor's handler of one type of message. Handlers are looked up for every
/// message, so they hold nothing but the actor's `this`, and stand in a row.
class message_handler {
public:
  /// @param kind must stay.
  template <class F>
  void set(const handler_kind& kind, F handler) {
    static_assert(sizeof(F) <= sizeof(closure_) && alignof(F) <= alignof(void*)
                    && std::is_trivially_copyable_v<F>,
                  "a handler captures `this`, and nothing else");
    ::new (closure_.data()) F(handler);
    kind_.store(&kind, std::memory_order_release);
  }

  /// Null until it is set. Any thread.
  [[nodiscard]] const handler_kind* kind() const noexcept {
    return kind_.load(std::memory_order_acquire);
  }

  [[nodiscard]] const std::byte* closure() const noexcept {
    return closure_.data();
  }

  /// Messages handled. The actor's thread writes, any reads.
  [[nodiscard]] std::uint64_t count() const noexcept {
    return count_.load(std::memory_order_relaxed);
  }

  void count_one() noexcept {
    count_.store(count() + 1, std::memory_order_relaxed);
  }

private:
  std::atomic<const handler_kind*> kind_{nullptr};
  std::atomic<std::uint64_t> count_{0};
  alignas(void*) std::array<std::byte, sizeof(void*)> closure_{};
};

template <class F>
const F& closure_of(const std::byte* where) noexcept {
  return *std::launder(reinterpret_cast<const F*>(where));
}

/// Takes a message's values out of its carrier and gives them to a handler `F`,
/// whose parameters are `Args`.
template <class F, class... Args>
void take(const std::byte* closure, caf::mailbox_element& carrier) {
  using carrier_type = caf::mailbox_element_vals<std::decay_t<Args>...>;
  std::apply([&](auto&... values) { closure_of<F>(closure)(values...); },
             static_cast<carrier_type&>(carrier).data());
}

} // namespace observer::runtime
