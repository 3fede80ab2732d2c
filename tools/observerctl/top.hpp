#pragma once

#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace observer {

/// Shows all actors on the whole screen, until somebody quits.
///
/// @param fetch asks the admin listener for a path; throws std::exception
/// @param interval between two looks
/// @throws std::runtime_error there is no terminal; or the first look failed
void show_top(
  const std::function<boost::json::value(const std::string&)>& fetch,
  std::chrono::milliseconds interval);

} // namespace observer
