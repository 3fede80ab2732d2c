#pragma once

#include <type_traits>

namespace caf {

template <class T>
struct allowed_unsafe_message_type;

} // namespace caf

/// Messages between actors never leave the process: they are plain structs,
/// and CAF needs no way to serialise them. It is told so of every type of this
/// namespace, and of those namespaces that take the function's name in.
namespace observer {

/// Found for a type that CAF need not serialise; never called.
template <class T>
void stays_in_process(const T&);

} // namespace observer

template <class T>
  requires requires(const T& x) {
    stays_in_process(x);
  }
struct caf::allowed_unsafe_message_type<T> : std::true_type {};
