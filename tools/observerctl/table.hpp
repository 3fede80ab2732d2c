#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace observer {

/// Rows under a head, each column as wide as its widest cell.
class table {
public:
  explicit table(std::vector<std::string> head);

  /// @param cells one for each column; shown as `printable`.
  void add(std::vector<std::string> cells);

  void print(std::ostream& out) const;

private:
  std::vector<std::vector<std::string>> rows_;
};

} // namespace observer
