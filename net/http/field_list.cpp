#include "net/http/field_list.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace observer::http {

namespace {

using line = request::const_iterator;

/// RFC 6265 separates cookies in another way than lists.
std::string_view separator(field name) {
  return name == field::cookie ? "; " : ", ";
}

std::string join(line first, line last) {
  std::string result{first->value()};
  while (++first != last) {
    result += separator(first->name());
    result += first->value();
  }
  return result;
}

} // namespace

void combine_lines(request& in) {
  std::vector<std::pair<std::string, std::string>> combined;
  // Beast keeps the lines of a name together.
  for (auto first = in.cbegin(); first != in.cend();) {
    auto last = std::find_if(first, in.cend(), [first](const auto& other) {
      return !boost::beast::iequals(other.name_string(), first->name_string());
    });
    if (std::next(first) != last)
      combined.emplace_back(first->name_string(), join(first, last));
    first = last;
  }
  for (auto& [name, value] : combined)
    in.set(name, value);
}

std::string_view first_token(std::string_view list) {
  beast_http::token_list tokens{list};
  auto first = tokens.begin();
  return first != tokens.end() ? std::string_view{*first} : std::string_view{};
}

} // namespace observer::http
