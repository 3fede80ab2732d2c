#include "net/engineio/random_id.hpp"

#include <array>
#include <charconv>
#include <sodium.h>

namespace observer::engineio {

std::string random_id() {
  std::array<unsigned char, 16> bytes;
  randombytes_buf(bytes.data(), bytes.size());
  std::array<char, random_id_size + 1> text;
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text.data();
}

std::string random_id_at(std::size_t loop) {
  return random_id() + std::to_string(loop);
}

std::size_t loop_of(std::string_view id) {
  std::size_t result = 0;
  if (id.size() > random_id_size)
    std::from_chars(id.data() + random_id_size, id.data() + id.size(), result);
  return result;
}

} // namespace observer::engineio
