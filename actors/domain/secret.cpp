#include "actors/domain/secret.hpp"

#include <array>
#include <new>
#include <sodium.h>

namespace observer::domain {

namespace {

constexpr std::size_t token_bytes = 16;
constexpr unsigned long long password_passes = 1;
constexpr std::size_t password_memory = 64 * 1024;

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

password_hash hash_password(std::string_view password) {
  ensure_sodium();
  std::array<char, crypto_pwhash_STRBYTES> text;
  if (crypto_pwhash_str(text.data(), password.data(), password.size(),
                        password_passes, password_memory)
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

} // namespace observer::domain
