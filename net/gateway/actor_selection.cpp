#include "net/gateway/actor_selection.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace observer::gateway {

namespace {

using order = actor_selection::order;
using runtime::actor_info;

constexpr std::array<std::pair<std::string_view, order>, 5> orders{
  {{"id", order::id},
   {"mailbox", order::mailbox},
   {"handled", order::handled},
   {"busy_us", order::busy_us},
   {"longest_us", order::longest_us}}};

std::uint64_t weight_of(const actor_info& x, order by) {
  switch (by) {
    case order::id:
      return x.id;
    case order::mailbox:
      return x.mailbox;
    case order::handled:
      return x.handled;
    case order::busy_us:
      return static_cast<std::uint64_t>(x.busy.count());
    case order::longest_us:
      return static_cast<std::uint64_t>(x.longest.count());
  }
  return 0;
}

std::optional<std::size_t> read_count(std::string_view text) {
  std::size_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(),
                                      value);
  if (error != std::errc{} || end != text.data() + text.size() || value == 0)
    return std::nullopt;
  return value;
}

bool is_selected(const actor_info& x, const actor_selection& which) {
  return (which.kind.empty() || x.kind == which.kind)
         && (which.is.empty() || x.label == which.is)
         && x.label.find(which.name) != std::string::npos;
}

} // namespace

std::variant<actor_selection, std::string>
read_selection(const http::routed_request& in) {
  actor_selection out;
  for (auto& [name, value] : in.query) {
    if (name == "kind") {
      out.kind = value;
    } else if (name == "name") {
      out.name = value;
    } else if (name == "is") {
      out.is = value;
    } else if (name == "sort") {
      auto i = std::find_if(orders.begin(), orders.end(),
                            [&](auto& x) { return x.first == value; });
      if (i == orders.end())
        return "sort is one of id, mailbox, handled, busy_us, longest_us";
      out.by = i->second;
    } else if (name == "limit") {
      auto limit = read_count(value);
      if (!limit)
        return "limit is a number from 1";
      out.limit = *limit;
    } else {
      return "there is no parameter " + name;
    }
  }
  return out;
}

void keep_selected(const actor_selection& which, std::vector<actor_info>& to) {
  std::erase_if(to, [&](auto& x) { return !is_selected(x, which); });
  auto before = [by = which.by](const actor_info& a, const actor_info& b) {
    auto left = weight_of(a, by);
    auto right = weight_of(b, by);
    if (left == right || by == order::id)
      return a.id < b.id;
    return left > right;
  };
  auto shown = std::min(which.limit, to.size());
  std::partial_sort(to.begin(), to.begin() + static_cast<std::ptrdiff_t>(shown),
                    to.end(), before);
  to.resize(shown);
}

std::vector<actor_info> find_actors(const runtime::directory& among,
                                    const actor_selection& which) {
  auto found = which.kind.empty() ? among.list() : among.list(which.kind);
  keep_selected(which, found);
  return found;
}

/// Lengths stand before what may hold anything.
std::string key_of(const actor_selection& which) {
  return fmt::format("{}:{} {}:{} {}:{} {} {}", which.kind.size(), which.kind,
                     which.name.size(), which.name, which.is.size(), which.is,
                     static_cast<int>(which.by), which.limit);
}

} // namespace observer::gateway
