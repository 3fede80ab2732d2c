#pragma once

#include "messages/secret.hpp"

#include <string>
#include <string_view>

/// Secrets of rooms and places, on libsodium. All functions but `fresh_token`
/// and `hash_password` are pure.
namespace observer::domain {

/// A new rejoin token: 128 bits from the kernel, in 32 hexadecimal digits.
[[nodiscard]] std::string fresh_token();

[[nodiscard]] token_hash hash_token(std::string_view token);

/// Argon2id with its smallest parameters (1 pass, 64 KiB): rooms hash on their
/// loop, so it must cost far less than a millisecond.
[[nodiscard]] password_hash hash_password(std::string_view password);

/// Takes the same time whatever the password is.
[[nodiscard]] bool matches(const password_hash& hash,
                           std::string_view password);

} // namespace observer::domain
