#pragma once

#include "messages/secret.hpp"

#include <optional>
#include <string>
#include <string_view>

/// Secrets of rooms and places, on libsodium. All functions but `fresh_token`
/// and `hash_password` are pure.
namespace observer::domain {

/// A new rejoin token: 128 bits from the kernel, in 32 hexadecimal digits.
[[nodiscard]] std::string fresh_token();

[[nodiscard]] token_hash hash_token(std::string_view token);

/// What Argon2id takes to hash a password, and to check it later.
struct password_cost {
  unsigned long long passes = 2;
  std::size_t memory = std::size_t{64} * 1024 * 1024; ///< bytes

  /// libsodium's "interactive": some 0.1 s. Not for a loop.
  static constexpr password_cost interactive() {
    return {};
  }

  /// The least there is: for tests.
  static constexpr password_cost least() {
    return {1, 64 * 1024};
  }
};

[[nodiscard]] password_hash hash_password(std::string_view password,
                                          const password_cost& cost);

/// Takes the same time whatever the password is, as long as hashing it took.
[[nodiscard]] bool matches(const password_hash& hash,
                           std::string_view password);

/// Knows which password a hash was made of, without keeping it: so that who
/// comes after the first one need not wait for Argon2id. A keyed hash, whose
/// key never leaves the process.
class known_password {
public:
  /// `password` fits `hash`.
  void learn(const password_hash& hash, std::string_view password);

  /// Whether it fits; unset: that is not known of this hash.
  [[nodiscard]] std::optional<bool> fits(const password_hash& hash,
                                         std::string_view password) const;

private:
  password_hash hash_; ///< empty: nothing is known
  token_hash digest_{};
};

} // namespace observer::domain
