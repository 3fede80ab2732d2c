#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace observer {

/// One actor, as it did between two looks.
struct top_row {
  std::uint64_t id = 0;
  std::string kind;
  std::string name;
  std::int64_t loop = -1; ///< -1: a thread of its own
  std::uint64_t mailbox = 0;
  double rate = 0; ///< messages a second
  double cpu = 0;  ///< of one CPU; 1 is all of it
  std::string state;
};

/// What `observerctl top` shows, without the screen: made of one answer of
/// `/actors` after the other.
class top_model {
public:
  using time_point = std::chrono::steady_clock::time_point;

  enum class order { mailbox, rate, cpu, id };

  /// @param actors the answer of `/actors`
  /// @throws boost::system::system_error it is none
  void update(const boost::json::value& actors, time_point now);

  /// Those whose kind, name or id has `filter` in it, the greatest first; by id
  /// the lowest.
  [[nodiscard]] std::vector<top_row> rows(order by,
                                          std::string_view filter) const;

  /// How many actors there are of each kind.
  [[nodiscard]] const std::map<std::string, std::size_t>&
  kinds() const noexcept {
    return kinds_;
  }

  /// Messages a second of all actors, at the last looks, oldest first.
  [[nodiscard]] const std::deque<double>& rates() const noexcept {
    return rates_;
  }

private:
  /// What an actor has counted by the last look.
  struct counts {
    std::uint64_t handled = 0;
    std::uint64_t busy_us = 0;
  };

  std::vector<top_row> rows_;
  std::unordered_map<std::uint64_t, counts> last_;
  time_point last_time_{}; ///< epoch: there was no look yet
  std::map<std::string, std::size_t> kinds_;
  std::deque<double> rates_;
};

/// The rows as JSON, each with its fields: `rate` a second, `cpu` of one CPU.
[[nodiscard]] boost::json::array to_json(const std::vector<top_row>& rows);

/// A line of blocks, each as high as its value, the highest one full.
[[nodiscard]] std::string sparkline(const std::deque<double>& values,
                                    std::size_t width);

/// The first so many columns of a text, filled up with blanks.
[[nodiscard]] std::string fit(std::string_view text, std::size_t columns);

} // namespace observer
