#include "tools/observerctl/top_model.hpp"

#include "tools/observerctl/printable.hpp"

#include <boost/json/value_to.hpp>

#include <algorithm>
#include <array>
#include <cwchar>

namespace observer {

namespace {

namespace json = boost::json;

/// Looks that the line of rates reaches back.
constexpr std::size_t remembered = 240;

std::string text_of(const json::value& x) {
  return printable(std::string_view{x.as_string()});
}

bool has(const top_row& row, std::string_view filter) {
  return filter.empty() || row.kind.find(filter) != std::string::npos
         || row.name.find(filter) != std::string::npos
         || std::to_string(row.id).find(filter) != std::string::npos;
}

/// The next character of UTF-8 text that is `printable`, and its bytes.
std::pair<wchar_t, std::size_t> next_of(std::string_view text) {
  auto lead = static_cast<unsigned char>(text.front());
  std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  size = std::min(size, text.size());
  auto value = static_cast<wchar_t>(size == 1 ? lead : lead & (0x7FU >> size));
  for (std::size_t i = 1; i < size; ++i)
    value = static_cast<wchar_t>(
      value << 6 | (static_cast<unsigned char>(text[i]) & 0x3F));
  return {value, size};
}

} // namespace

void top_model::update(const json::value& actors, time_point now) {
  auto passed = std::chrono::duration<double>(now - last_time_).count();
  auto first = last_time_ == time_point{};
  std::unordered_map<std::uint64_t, counts> seen;
  rows_.clear();
  kinds_.clear();
  double total = 0;
  for (auto& x : actors.as_array()) {
    auto& row = rows_.emplace_back();
    row.id = x.at("id").to_number<std::uint64_t>();
    row.kind = text_of(x.at("kind"));
    row.name = text_of(x.at("name"));
    row.loop = x.at("loop").to_number<std::int64_t>();
    row.mailbox = x.at("mailbox").to_number<std::uint64_t>();
    row.state = text_of(x.at("state"));
    counts by_now{x.at("handled").to_number<std::uint64_t>(),
                  x.at("busy_us").to_number<std::uint64_t>()};
    // Who is new has done all of it since the last look.
    auto before = last_.contains(row.id) ? last_.at(row.id) : counts{};
    if (!first && passed > 0) {
      row.rate = static_cast<double>(by_now.handled - before.handled) / passed;
      row.cpu = static_cast<double>(by_now.busy_us - before.busy_us) / 1e6
                / passed;
      total += row.rate;
    }
    seen.emplace(row.id, by_now);
    ++kinds_[row.kind];
  }
  last_ = std::move(seen);
  last_time_ = now;
  if (first)
    return;
  rates_.push_back(total);
  if (rates_.size() > remembered)
    rates_.pop_front();
}

std::vector<top_row> top_model::rows(order by, std::string_view filter) const {
  std::vector<top_row> result;
  std::copy_if(rows_.begin(), rows_.end(), std::back_inserter(result),
               [&](auto& row) { return has(row, filter); });
  auto greater = [&](auto what) {
    std::stable_sort(result.begin(), result.end(),
                     [&](auto& a, auto& b) { return what(a) > what(b); });
  };
  std::sort(result.begin(), result.end(),
            [](auto& a, auto& b) { return a.id < b.id; });
  switch (by) {
    case order::mailbox:
      greater([](auto& x) { return x.mailbox; });
      break;
    case order::rate:
      greater([](auto& x) { return x.rate; });
      break;
    case order::cpu:
      greater([](auto& x) { return x.cpu; });
      break;
    case order::id:
      break;
  }
  return result;
}

boost::json::array to_json(const std::vector<top_row>& rows) {
  boost::json::array result;
  for (auto& x : rows)
    result.push_back({{"id", x.id},
                      {"kind", x.kind},
                      {"name", x.name},
                      {"loop", x.loop},
                      {"mailbox", x.mailbox},
                      {"rate", x.rate},
                      {"cpu", x.cpu},
                      {"state", x.state}});
  return result;
}

std::string sparkline(const std::deque<double>& values, std::size_t width) {
  constexpr std::array blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  auto begin = values.end()
               - static_cast<std::ptrdiff_t>(std::min(width, values.size()));
  auto most = begin != values.end() ? *std::max_element(begin, values.end())
                                    : 0;
  std::string result;
  for (auto i = begin; i != values.end(); ++i) {
    auto share = most > 0 ? *i / most : 0;
    auto level = static_cast<std::size_t>(share * (blocks.size() - 1) + 0.5);
    result += blocks.at(level);
  }
  return result;
}

std::string fit(std::string_view text, std::size_t columns) {
  std::string result;
  std::size_t used = 0;
  while (!text.empty()) {
    auto [character, size] = next_of(text);
    auto width = static_cast<std::size_t>(std::max(wcwidth(character), 0));
    if (used + width > columns)
      break;
    result += text.substr(0, size);
    used += width;
    text.remove_prefix(size);
  }
  return result.append(columns - used, ' ');
}

} // namespace observer
