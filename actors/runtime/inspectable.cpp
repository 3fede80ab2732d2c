#include "actors/runtime/inspectable.hpp"

#include <cstdlib>
#include <cxxabi.h>
#include <memory>

namespace observer::runtime {

std::string short_type_name(const char* mangled) {
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> demangled{
    abi::__cxa_demangle(mangled, nullptr, nullptr, &status), &std::free};
  std::string full = status == 0 ? demangled.get() : mangled;
  // Drop the namespaces of a plain type; leave templates whole.
  if (full.find('<') == std::string::npos)
    if (auto colon = full.rfind("::"); colon != std::string::npos)
      return full.substr(colon + 2);
  return full;
}

} // namespace observer::runtime
