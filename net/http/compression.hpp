#pragma once

#include "net/http/message.hpp"

#include <cstddef>

namespace observer::http {

/// Whether the client of a request takes gzip (RFC 9110, section 12.5.3).
[[nodiscard]] bool accepts_gzip(const request& in);

/// Compresses the body of `out` if it is larger than `above` bytes and the
/// client takes it. Tells caches that the answer depends on the request.
void compress(const request& in, response& out, std::size_t above);

} // namespace observer::http
