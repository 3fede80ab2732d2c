#include "tools/observerd/limit_table.hpp"

#include "net/gateway/json_writer.hpp"
#include "net/socketio/json.hpp"
#include "tools/observerd/key_table.hpp"

#include <sstream>
#include <string>
#include <vector>

namespace observer {

namespace {

void append_value(std::string& out, std::chrono::milliseconds value) {
  out += '"' + to_text(value) + '"';
}

template <class T>
void append_value(std::string& out, T value) {
  std::ostringstream text;
  text << value;
  out += text.str();
}

void append_value(std::string& out, const std::vector<std::string>& values) {
  std::string text;
  for (auto& x : values)
    text += (text.empty() ? "" : " ") + x;
  socketio::append_json_string(out, text.empty() ? "none" : text);
}

/// Where a row's `met` is counted.
class counts {
public:
  counts(const transport::limit_counts& wire,
         const socketio::limit_counts& packets, const limit_counts& rooms)
    : wire_(wire),
      packets_(packets),
      rooms_(rooms) {
  }

  std::uint64_t of(limit_counts::counter transport::limit_counts::*met) const {
    return wire_.*met;
  }

  std::uint64_t
  of(socketio::limit_counts::counter socketio::limit_counts::*met) const {
    return packets_.*met;
  }

  std::uint64_t of(limit_counts::counter limit_counts::*met) const {
    return rooms_.*met;
  }

private:
  const transport::limit_counts& wire_;
  const socketio::limit_counts& packets_;
  const limit_counts& rooms_;
};

/// Calls `use(key, on, value, met)` for each limit.
template <class F>
void visit_limits(const config& in, const counts& seen, F use) {
  auto row = [&](std::string_view key, const auto& value, auto, auto,
                 std::string_view,
                 auto met) { use(key, true, value, seen.of(met)); };
  auto rate = [&](std::string_view key, const auto& value, auto, auto,
                  std::string_view, auto met) {
    use(key, in.limits.rate_limits, value, seen.of(met));
  };
  for_each_limit(in, row, rate);
  // The system's limit, not ours: where new clients begin to be sent away.
  row("descriptors", in.transport.max_descriptor, 0, 0, {},
      &transport::limit_counts::descriptors);
  row("allow-origin", in.allow_origins, 0, 0, {},
      &transport::limit_counts::origins);
  row("allow-host", in.allow_hosts, 0, 0, {}, &transport::limit_counts::hosts);
}

} // namespace

std::string limits_as_json(const config& in,
                           const transport::limit_counts& wire,
                           const socketio::limit_counts& packets,
                           const limit_counts& rooms) {
  std::string out;
  visit_limits(in, {wire, packets, rooms},
               [&](std::string_view key, bool on, const auto& value,
                   std::uint64_t met) {
                 out.push_back(out.empty() ? '[' : ',');
                 gateway::object_writer row{out};
                 row.add("limit", key);
                 if (on)
                   append_value(row.raw("value"), value);
                 else
                   row.add("value", "off");
                 row.add("met", met);
               });
  return out + ']';
}

std::vector<std::pair<std::string, std::uint64_t>>
limits_met(const config& in, const transport::limit_counts& wire,
           const socketio::limit_counts& packets, const limit_counts& rooms) {
  std::vector<std::pair<std::string, std::uint64_t>> result;
  visit_limits(in, {wire, packets, rooms},
               [&](std::string_view key, bool, const auto&, std::uint64_t met) {
                 result.emplace_back(key, met);
               });
  return result;
}

} // namespace observer
