#include "net/transport/refusal_log.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace observer::transport {

namespace {

constexpr auto pause = std::chrono::seconds{10};

/// Of what a client says about itself.
constexpr std::size_t shown_bytes = 200;

std::string_view shown(const http::request& in, http::field name) {
  return std::string_view{in[name]}.substr(0, shown_bytes);
}

} // namespace

void refusal_log::origin_refused(const http::request& in, time_point now) {
  add(origins_, "origin_refused", "allow-origin", in, now);
}

void refusal_log::host_refused(const http::request& in, time_point now) {
  add(hosts_, "host_refused", "allow-host", in, now);
}

void refusal_log::add(entry& about, std::string_view event,
                      std::string_view key, const http::request& in,
                      time_point now) {
  ++about.count;
  if (now < about.silent_until)
    return;
  about.silent_until = now + pause;
  spdlog::warn("transport.{} origin={:?} host={:?} times={} key={}", event,
               shown(in, http::field::origin), shown(in, http::field::host),
               std::exchange(about.count, 0), key);
}

} // namespace observer::transport
