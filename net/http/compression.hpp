#pragma once

#include "net/http/message.hpp"

#include <cstddef>
#include <string_view>

namespace observer::http {

/// Whether the client of a request names a coding as one that it takes (RFC
/// 9110, section 12.5.3), e.g. `gzip`.
[[nodiscard]] bool accepts_coding(const request& in, std::string_view name);

/// Compresses the body of `out` if it is larger than `above` bytes and the
/// client takes it. Tells caches that the answer depends on the request.
void compress(const request& in, response& out, std::size_t above);

} // namespace observer::http
