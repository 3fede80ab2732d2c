#pragma once

#include <cstdint>
#include <vector>

namespace observer::loadgen {

/// What came in, and what was wrong with it.
struct check_totals {
  std::uint64_t received = 0;     ///< messages or answers
  std::uint64_t lost = 0;         ///< sent, and never there
  std::uint64_t duplicates = 0;   ///< there more than once
  std::uint64_t out_of_order = 0; ///< there after a later one
  std::uint64_t leaked = 0;       ///< of a room that the receiver is not in
  std::uint64_t malformed = 0;    ///< not what was sent

  check_totals& operator+=(const check_totals& other);

  /// Nothing was wrong.
  [[nodiscard]] bool clean() const noexcept;
};

/// The messages of one sender as one receiver hears them. They are numbered
/// from 0, without holes.
class sequence_checker {
public:
  void receive(std::uint32_t number, check_totals& totals);

  /// How many of the first `sent` messages have not come.
  [[nodiscard]] std::uint64_t missing(std::uint32_t sent) const;

private:
  /// Numbers from `begin` up to, not including, `end`.
  struct range {
    std::uint32_t begin;
    std::uint32_t end;
  };

  bool take_from_gap(std::uint32_t number);

  std::uint32_t next_ = 0;
  std::vector<range> gaps_; ///< below `next_`, not yet there; ascending
};

} // namespace observer::loadgen
