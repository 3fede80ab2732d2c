#pragma once

#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <string>

namespace observer {

/// BLAKE2b-256 of a rejoin token. Tokens hold 128 random bits, so a fast hash
/// is enough to keep a stolen store from opening places.
using token_hash = std::array<unsigned char, 32>;

/// The same of a recovery id (Socket.IO `pid`): what the store knows a session
/// by that may come back.
using session_key = token_hash;

/// Argon2id string of a room password (`$argon2id$...`), salt included.
using password_hash = std::string;

/// A token hash is already uniformly distributed: its first word will do.
struct token_hash_hasher {
  std::size_t operator()(const token_hash& x) const noexcept {
    std::size_t result = 0;
    std::memcpy(&result, x.data(), sizeof(result));
    return result;
  }
};

} // namespace observer
