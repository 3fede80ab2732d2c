#include "tools/loadgen/checker.hpp"

#include <algorithm>

namespace observer::loadgen {

check_totals& check_totals::operator+=(const check_totals& other) {
  received += other.received;
  lost += other.lost;
  duplicates += other.duplicates;
  out_of_order += other.out_of_order;
  leaked += other.leaked;
  malformed += other.malformed;
  return *this;
}

bool check_totals::clean() const noexcept {
  return lost + duplicates + out_of_order + leaked + malformed == 0;
}

void sequence_checker::receive(std::uint32_t number, check_totals& totals) {
  ++totals.received;
  if (number == next_) {
    ++next_;
  } else if (number > next_) {
    gaps_.push_back({next_, number});
    next_ = number + 1;
  } else if (take_from_gap(number)) {
    ++totals.out_of_order;
  } else {
    ++totals.duplicates;
  }
}

bool sequence_checker::take_from_gap(std::uint32_t number) {
  auto gap = std::find_if(gaps_.begin(), gaps_.end(), [&](const range& x) {
    return x.begin <= number && number < x.end;
  });
  if (gap == gaps_.end())
    return false;
  range behind{number + 1, gap->end};
  gap->end = number;
  if (behind.begin < behind.end)
    gap = gaps_.insert(gap + 1, behind) - 1;
  if (gap->begin == gap->end)
    gaps_.erase(gap);
  return true;
}

std::uint64_t sequence_checker::missing(std::uint32_t sent) const {
  std::uint64_t result = sent > next_ ? sent - next_ : 0;
  for (auto& gap : gaps_)
    result += std::min(gap.end, sent) - std::min(gap.begin, sent);
  return result;
}

} // namespace observer::loadgen
