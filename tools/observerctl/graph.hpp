#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace observer {

/// Who watches whom, in the language of Graphviz: `observerctl graph | dot
/// -Tsvg`.
/// @param actors the answer of `/actors`
[[nodiscard]] std::string to_graphviz(const boost::json::value& actors);

} // namespace observer
