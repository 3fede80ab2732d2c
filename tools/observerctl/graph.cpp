#include "tools/observerctl/graph.hpp"

#include "tools/observerctl/printable.hpp"

#include <boost/json/serialize.hpp>

namespace observer {

namespace {

/// In quotes, as Graphviz wants it: a JSON text will do, for its escapes are
/// the same, once nothing is left that would need another.
std::string quoted(const std::string& text) {
  return boost::json::serialize(boost::json::string{printable(text)});
}

const char* shape_of(std::string_view kind) {
  if (kind == "room")
    return "box";
  return kind == "session" ? "ellipse" : "component";
}

} // namespace

std::string to_graphviz(const boost::json::value& actors) {
  std::string result = "digraph observer {\n  rankdir=LR;\n";
  std::string edges;
  for (auto& x : actors.as_array()) {
    auto id = boost::json::serialize(x.at("id"));
    std::string_view kind{x.at("kind").as_string()};
    std::string name{x.at("name").as_string()};
    result += "  " + id + " [shape=" + shape_of(kind)
              + ", label=" + quoted(std::string{kind} + " " + name) + "];\n";
    for (auto& other : x.at("watching").as_array())
      edges += "  " + id + " -> " + boost::json::serialize(other) + ";\n";
  }
  return result + edges + "}\n";
}

} // namespace observer
