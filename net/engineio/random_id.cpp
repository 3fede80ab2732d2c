#include "net/engineio/random_id.hpp"

#include <array>
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

} // namespace observer::engineio
