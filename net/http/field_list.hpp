#pragma once

#include "net/http/message.hpp"

#include <string_view>

/// Fields that are lists (RFC 9110, section 5.6.1).
namespace observer::http {

/// Makes one line of all lines of a name, as RFC 9110, section 5.3, allows: a
/// list that came in parts is whole for whoever reads it, and what may come but
/// once (an Origin, a key) is no longer valid.
void combine_lines(request& in);

/// The first element of a list of tokens; empty if there is none, or it is no
/// token.
[[nodiscard]] std::string_view first_token(std::string_view list);

} // namespace observer::http
