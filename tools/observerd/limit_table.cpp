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

} // namespace

std::string limits_as_json(const config& in,
                           const transport::limit_counts& wire,
                           const socketio::limit_counts& packets,
                           const limit_counts& rooms) {
  std::string out;
  counts seen{wire, packets, rooms};
  auto add = [&](std::string_view key, bool on, const auto& value, auto met) {
    out.push_back(out.empty() ? '[' : ',');
    gateway::object_writer row{out};
    row.add("limit", key);
    if (on)
      append_value(row.raw("value"), value);
    else
      row.add("value", "off");
    row.add("met", seen.of(met));
  };
  auto row = [&](std::string_view key, const auto& value, auto, auto,
                 std::string_view, auto met) { add(key, true, value, met); };
  auto rate = [&](std::string_view key, const auto& value, auto, auto,
                  std::string_view,
                  auto met) { add(key, in.limits.rate_limits, value, met); };
  for_each_limit(in, row, rate);
  // The system's limit, not ours: where new clients begin to be sent away.
  add("descriptors", true, in.transport.max_descriptor,
      &transport::limit_counts::descriptors);
  add("allow-origin", true, in.allow_origins,
      &transport::limit_counts::origins);
  add("allow-host", true, in.allow_hosts, &transport::limit_counts::hosts);
  return out + ']';
}

} // namespace observer
