#include "actors/domain/secret.hpp"

#include <array>
#include <new>
#include <sodium.h>

namespace observer::domain {

namespace {

constexpr std::size_t token_bytes = 16;

/// libsodium picks its implementations here; calling it again does nothing.
void ensure_sodium() {
  static const int ready = sodium_init();
  if (ready < 0)
    throw std::bad_alloc{};
}

} // namespace

std::string fresh_token() {
  ensure_sodium();
  std::array<unsigned char, token_bytes> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, token_bytes * 2 + 1> text;
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  return text.data();
}

token_hash hash_token(std::string_view token) {
  ensure_sodium();
  token_hash result;
  crypto_generichash(result.data(), result.size(),
                     reinterpret_cast<const unsigned char*>(token.data()),
                     token.size(), nullptr, 0);
  return result;
}

password_hash hash_password(std::string_view password,
                            const password_cost& cost) {
  ensure_sodium();
  std::array<char, crypto_pwhash_STRBYTES> text;
  if (crypto_pwhash_str(text.data(), password.data(), password.size(),
                        cost.passes, cost.memory)
      != 0)
    throw std::bad_alloc{};
  return text.data();
}

bool matches(const password_hash& hash, std::string_view password) {
  ensure_sodium();
  return crypto_pwhash_str_verify(hash.c_str(), password.data(),
                                  password.size())
         == 0;
}

namespace {

/// The same for the life of the process.
const std::array<unsigned char, crypto_generichash_KEYBYTES>& process_key() {
  static const auto key = [] {
    std::array<unsigned char, crypto_generichash_KEYBYTES> bytes;
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
  }();
  return key;
}

token_hash keyed_hash(std::string_view text) {
  ensure_sodium();
  auto& key = process_key();
  token_hash result;
  crypto_generichash(result.data(), result.size(),
                     reinterpret_cast<const unsigned char*>(text.data()),
                     text.size(), key.data(), key.size());
  return result;
}

} // namespace

void known_password::learn(const password_hash& hash,
                           std::string_view password) {
  hash_ = hash;
  digest_ = keyed_hash(password);
}

std::optional<bool> known_password::fits(const password_hash& hash,
                                         std::string_view password) const {
  if (hash_.empty() || hash != hash_)
    return std::nullopt;
  auto digest = keyed_hash(password);
  return sodium_memcmp(digest.data(), digest_.data(), digest.size()) == 0;
}

} // namespace observer::domain
