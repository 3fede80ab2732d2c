#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>

/// Ends the program, which is how a fuzz target says that its input broke a
/// property.
inline void must(bool holds, std::string_view property) {
  if (holds)
    return;
  std::cerr << "broken: " << property << std::endl;
  std::abort();
}
