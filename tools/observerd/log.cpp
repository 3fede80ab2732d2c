#include "tools/observerd/log.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <spdlog/async.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <iterator>

namespace observer {

namespace {

constexpr const char* time_pattern = "%Y-%m-%dT%H:%M:%S.%eZ";

/// Lines that may wait for a blocked stderr; then the oldest are dropped.
constexpr std::size_t queue_lines = 8192;

/// Consumes a value: a bare word, or a quoted one with its escapes.
std::string take_value(std::string_view& in) {
  std::string result;
  if (in.empty() || in.front() != '"') {
    auto end = in.find(' ');
    result = in.substr(0, end);
    in.remove_prefix(std::min(end, in.size()));
    return result;
  }
  std::size_t i = 1;
  for (; i < in.size() && in[i] != '"'; ++i) {
    if (in[i] == '\\' && i + 1 < in.size()
        && (in[i + 1] == '"' || in[i + 1] == '\\'))
      ++i; // other escapes stay as they are: they are for people
    result.push_back(in[i]);
  }
  in.remove_prefix(std::min(i + 1, in.size()));
  return result;
}

class json_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& in,
              spdlog::memory_buf_t& out) override {
    spdlog::memory_buf_t time;
    time_.format(in, time);
    auto level = spdlog::level::to_string_view(in.level);
    auto line = log_line_as_json({time.data(), time.size()},
                                 {level.data(), level.size()},
                                 {in.payload.data(), in.payload.size()});
    out.append(line.data(), line.data() + line.size());
    out.push_back('\n');
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<json_formatter>();
  }

private:
  spdlog::pattern_formatter time_{time_pattern, spdlog::pattern_time_type::utc,
                                  ""};
};

class text_formatter final : public spdlog::formatter {
public:
  void format(const spdlog::details::log_msg& in,
              spdlog::memory_buf_t& out) override {
    head_.format(in, out);
    for (char c : in.payload) {
      // Texts of others are logged with their escapes; this is for those that
      // somebody forgot.
      auto code = static_cast<unsigned char>(c);
      if (code < 0x20 || code == 0x7F)
        fmt::format_to(std::back_inserter(out), "\\x{:02x}", code);
      else
        out.push_back(c);
    }
    out.push_back('\n');
  }

  [[nodiscard]] std::unique_ptr<spdlog::formatter> clone() const override {
    return std::make_unique<text_formatter>();
  }

private:
  spdlog::pattern_formatter head_{std::string{time_pattern} + " %l ",
                                  spdlog::pattern_time_type::utc, ""};
};

} // namespace

std::string log_line_as_json(std::string_view time, std::string_view level,
                             std::string_view message) {
  boost::json::object line;
  line["time"] = time;
  line["level"] = level;
  auto event = message.substr(0, message.find(' '));
  message.remove_prefix(event.size());
  auto dot = event.find('.');
  line["component"] = dot == event.npos ? "observerd" : event.substr(0, dot);
  line["event"] = dot == event.npos ? event : event.substr(dot + 1);
  while (!message.empty()) {
    message.remove_prefix(1);
    auto equals = message.find('=');
    if (equals == message.npos)
      break;
    auto key = message.substr(0, equals);
    message.remove_prefix(equals + 1);
    line[key] = take_value(message);
  }
  return boost::json::serialize(line);
}

std::unique_ptr<spdlog::formatter>
make_log_formatter(const std::string& format) {
  if (format == "json")
    return std::make_unique<json_formatter>();
  return std::make_unique<text_formatter>();
}

void set_up_log(const std::string& format, const std::string& level) {
  // A thread of its own: a blocked stderr must not block a loop.
  spdlog::init_thread_pool(queue_lines, 1);
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  sink->set_formatter(make_log_formatter(format));
  auto logger = std::make_shared<spdlog::async_logger>(
    "observerd", sink, spdlog::thread_pool(),
    spdlog::async_overflow_policy::overrun_oldest);
  logger->flush_on(spdlog::level::info);
  logger->set_level(spdlog::level::from_str(level));
  spdlog::set_default_logger(std::move(logger));
}

} // namespace observer
