#include "net/sio/handshake.hpp"

#include <algorithm>

namespace observer::sio {

const std::string* handshake::find_query(std::string_view name) const {
  auto i = std::find_if(query.begin(), query.end(),
                        [name](auto& x) { return x.first == name; });
  return i != query.end() ? &i->second : nullptr;
}

} // namespace observer::sio
