#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace observer::engineio {

/// Characters of a random id.
inline constexpr std::size_t random_id_size = 22;

/// 128 bits from the kernel in base64url: 22 characters. Ids of connections
/// are credentials, so they must not be guessed.
[[nodiscard]] std::string random_id();

/// One behind which stands where, of several loops, what it names lives.
[[nodiscard]] std::string random_id_at(std::size_t loop);

/// The loop that such an id speaks of; 0 for any other id. One that is made up,
/// or of a server with more loops, may speak of one that is not there.
[[nodiscard]] std::size_t loop_of(std::string_view id);

} // namespace observer::engineio
