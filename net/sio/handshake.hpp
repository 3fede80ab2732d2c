#pragma once

#include <boost/beast/http/fields.hpp>
#include <boost/json/object.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace observer::sio {

/// The request that opened a connection: what all its sockets have in common.
struct opening_request {
  std::string target;
  std::vector<std::pair<std::string, std::string>> query; ///< of it, decoded
  boost::beast::http::fields headers;
  std::chrono::system_clock::time_point issued;
};

/// What a client said when it asked to enter a namespace.
struct handshake : opening_request {
  std::string nsp; ///< the name asked for, e.g. `/`
  std::string address;
  boost::json::object auth; ///< payload of the CONNECT packet

  /// The first value of a query parameter; null if it is not there.
  [[nodiscard]] const std::string* find_query(std::string_view name) const;
};

} // namespace observer::sio
