#pragma once

#include "tools/loadgen/stamp.hpp"

#include <random>
#include <string>

namespace observer::loadgen {

/// Letters that fill a text of `bytes` behind its stamp.
/// @param bytes at least `stamp_size`.
inline std::string make_padding(std::size_t bytes, std::uint64_t seed) {
  std::mt19937_64 random{seed};
  std::string result(bytes - stamp_size, 'x');
  for (auto& c : result)
    c = static_cast<char>('a' + random() % 26);
  return result;
}

} // namespace observer::loadgen
