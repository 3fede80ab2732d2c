#pragma once

#include "actors/runtime/directory.hpp"
#include "net/http/router.hpp"

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace observer::gateway {

/// Which actors a list shows, and in which order: the query of `/actors`,
/// `/rooms` and `/sessions`.
struct actor_selection {
  /// As the fields of an actor's JSON are called.
  enum class order { id, mailbox, handled, busy_us, longest_us };

  std::string kind; ///< empty: all
  std::string name; ///< what the name has in it; empty: anything
  std::string is;   ///< the whole name; empty: any
  order by = order::id;
  std::size_t limit = std::numeric_limits<std::size_t>::max();

  bool operator==(const actor_selection&) const = default;
};

/// Reads `kind`, `name`, `is`, `sort` and `limit`.
/// @returns what is wrong with them, or the selection
[[nodiscard]] std::variant<actor_selection, std::string>
read_selection(const http::routed_request& in);

/// Leaves those that are selected: by their ids, otherwise the largest first.
void keep_selected(const actor_selection& which,
                   std::vector<runtime::actor_info>& to);

/// The actors that are selected.
[[nodiscard]] std::vector<runtime::actor_info>
find_actors(const runtime::directory& among, const actor_selection& which);

/// A text that no other selection has.
[[nodiscard]] std::string key_of(const actor_selection& which);

} // namespace observer::gateway
