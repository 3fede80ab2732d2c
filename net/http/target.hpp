#pragma once

#include "net/http/message.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What a request line asks for (RFC 9112, section 3.2).
namespace observer::http {

/// The parts of a target in origin-form, as they came.
struct target_parts {
  std::string_view path;
  std::string_view query; ///< without its question mark
};

[[nodiscard]] target_parts split_target(std::string_view target);

/// Names and values, decoded, in their order.
using parameters = std::vector<std::pair<std::string, std::string>>;

/// Reads a query as forms are read (WHATWG URL, section 5.1). Nothing in it is
/// an error: browsers leave more as it is than RFC 3986 allows, and a percent
/// sign that encodes nothing stands for itself.
[[nodiscard]] parameters parse_query(std::string_view query);

/// Turns a target in absolute-form (`http://host/path`) into one in
/// origin-form; its authority becomes the Host, whatever that was (RFC 9112,
/// section 3.2.2). All others stay.
void to_origin_form(request& in);

} // namespace observer::http
