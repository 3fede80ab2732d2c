#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace observer {

/// Asks the admin listener of an observerd for JSON.
///
/// @param url `http://127.0.0.1:3001`
/// @param token what the token file holds
/// @param path e.g. `/actors`
/// @throws std::runtime_error with one line that says what went wrong
[[nodiscard]] boost::json::value fetch(const std::string& url,
                                       const std::string& token,
                                       const std::string& path);

/// The same for what is no JSON.
[[nodiscard]] std::string fetch_text(const std::string& url,
                                     const std::string& token,
                                     const std::string& path);

} // namespace observer
