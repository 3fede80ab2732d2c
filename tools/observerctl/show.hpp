#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

/// What observerctl prints, on stdout.
namespace observer::show {

namespace json = boost::json;

struct column {
  std::string head;
  std::string_view path;
};

/// A table with a line for each row of an array.
void print_rows(const json::value& rows, const std::vector<column>& columns);

/// One actor or the like: a line for each fact, nested ones with their path.
void print_facts(const json::object& facts);

/// The state that a replay has come to, and how.
void print_replay(const json::value& replay);

/// Why a client's connection has ended: a sentence, then all that is known.
void print_why(const json::value& ended);

/// What is wrong with a store.
void print_check(const json::value& wrong);

void print_json(const json::value& value);

} // namespace observer::show
