#include "tools/observerctl/table.hpp"

#include "tools/observerctl/printable.hpp"

#include <algorithm>
#include <ostream>

namespace observer {

namespace {

/// Code points, which is close enough to columns for names of rooms.
std::size_t width_of(const std::string& cell) {
  return static_cast<std::size_t>(
    std::count_if(cell.begin(), cell.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

} // namespace

table::table(std::vector<std::string> head) {
  rows_.push_back(std::move(head));
}

void table::add(std::vector<std::string> cells) {
  for (auto& cell : cells)
    cell = printable(cell);
  rows_.push_back(std::move(cells));
}

void table::print(std::ostream& out) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i]));
  for (auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      line.append(widths[i] - width_of(row[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  }
}

} // namespace observer
