#pragma once

#include <cstddef>
#include <string>

namespace observer::engineio {

/// Characters of a random id.
inline constexpr std::size_t random_id_size = 22;

/// 128 bits from the kernel in base64url: 22 characters. Ids of connections
/// are credentials, so they must not be guessed.
[[nodiscard]] std::string random_id();

} // namespace observer::engineio
