#pragma once

#include "net/socketio/packet.hpp"
#include "tests/fuzz/must.hpp"

#include <algorithm>

/// What holds for every packet that a decoder lets through.
namespace observer::socketio {

/// Small, so that the fuzzer meets them.
inline constexpr packet_limits small_limits{.depth = 8,
                                            .values = 16,
                                            .members = 4,
                                            .event_name = 8,
                                            .arguments = 4,
                                            .attachments = 3,
                                            .attachment_bytes = 16};

inline std::size_t depth_of(const boost::json::value& value) {
  std::size_t deepest = 0;
  if (const auto* array = value.if_array())
    for (auto& element : *array)
      deepest = std::max(deepest, depth_of(element));
  else if (const auto* object = value.if_object())
    for (auto& member : *object)
      deepest = std::max(deepest, depth_of(member.value()));
  return value.is_structured() ? deepest + 1 : 0;
}

inline std::size_t count_values(const boost::json::value& value) {
  std::size_t result = 1;
  if (const auto* array = value.if_array())
    for (auto& element : *array)
      result += count_values(element);
  else if (const auto* object = value.if_object())
    for (auto& member : *object)
      result += count_values(member.value());
  return result;
}

inline std::size_t most_members(const boost::json::value& value) {
  std::size_t most = 0;
  if (const auto* array = value.if_array())
    for (auto& element : *array)
      most = std::max(most, most_members(element));
  else if (const auto* object = value.if_object()) {
    most = object->size();
    for (auto& member : *object)
      most = std::max(most, most_members(member.value()));
  }
  return most;
}

inline void check_limits(const packet& in) {
  must(depth_of(in.data) <= small_limits.depth, "nesting is limited");
  must(count_values(in.data) <= small_limits.values, "values are limited");
  must(most_members(in.data) <= small_limits.members, "members are limited");
  must(!in.id || *in.id <= max_ack_id, "ids are whole numbers of JavaScript");
  must(in.attachments.size() <= small_limits.attachments,
       "attachments are limited");
  std::size_t bytes = 0;
  for (auto& attachment : in.attachments)
    bytes += attachment.size();
  must(bytes <= small_limits.attachment_bytes,
       "bytes of attachments are limited");
  must(in.nsp.starts_with('/'), "a namespace begins with a slash");
  if (in.type != packet_type::event || in.data.is_null())
    return;
  auto& arguments = in.data.as_array();
  must(arguments.size() <= small_limits.arguments + 1, "arguments are limited");
  if (const auto* name = arguments.at(0).if_string())
    must(name->size() <= small_limits.event_name, "event names are limited");
}

} // namespace observer::socketio
