#include "tools/observerd/log.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <sstream>

#define CAF_SUITE tools.observerd.log
#include "tests/test.hpp"

namespace {

std::string as_json(std::string_view message) {
  return observer::log_line_as_json("T", "info", message);
}

/// What a record of the text `message` looks like on stderr.
std::string log(const std::string& format, std::string_view message) {
  std::ostringstream out;
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(out);
  sink->set_formatter(observer::make_log_formatter(format));
  spdlog::logger logger{"test", sink};
  logger.warn(message);
  return out.str();
}

/// What somebody might want to break a log with.
const std::vector<std::string> nasty{
  "",
  " ",
  "=",
  "a.b =",
  "a.b c",
  "a.b c=",
  "a.b c=\"",
  "a.b c=\"\\",
  "a.b c=\"d\"e=f",
  "two\nlines",
  "a.b c=\"x\r\ny\x1b[2J\x7f\"",
  "a.b c=\"{\\\"d\\\":1}\"",
  std::string("a.b c=\0", 7),
  std::string(100'000, 'x'),
};

} // namespace

CAF_TEST(a record becomes an object with component and event) {
  CAF_CHECK_EQUAL(as_json("store.slow"),
                  R"({"time":"T","level":"info",)"
                  R"("component":"store","event":"slow"})");
  CAF_CHECK_EQUAL(as_json("hello"),
                  R"({"time":"T","level":"info",)"
                  R"("component":"observerd","event":"hello"})");
}

CAF_TEST(fields keep their order and their blanks) {
  CAF_CHECK_EQUAL(as_json("a.b room=1000 name=\"Ada L\" last=x"),
                  R"({"time":"T","level":"info","component":"a","event":"b",)"
                  R"("room":"1000","name":"Ada L","last":"x"})");
}

CAF_TEST(quoted values end at their quote and not at an escaped one) {
  CAF_CHECK_EQUAL(as_json(R"(a.b c="x\"y\\" d="z")"),
                  R"({"time":"T","level":"info","component":"a","event":"b",)"
                  R"("c":"x\"y\\","d":"z"})");
}

CAF_TEST(one record is one line of json whatever is logged) {
  for (auto& message : nasty) {
    auto line = log("json", message);
    CAF_CHECK_EQUAL(std::count(line.begin(), line.end(), '\n'), 1);
    CAF_CHECK_EQUAL(line.back(), '\n');
    boost::system::error_code error;
    auto value = boost::json::parse(line, error);
    CAF_CHECK(!error && value.is_object());
  }
}

CAF_TEST(one record is one line of text whatever is logged) {
  for (auto& message : nasty) {
    auto line = log("text", message);
    CAF_CHECK_EQUAL(line.back(), '\n');
    line.pop_back();
    CAF_CHECK(std::none_of(line.begin(), line.end(), [](unsigned char c) {
      return c < 0x20 || c == 0x7F;
    }));
  }
}

CAF_TEST(a line begins with its time in utc and its level) {
  auto line = log("text", "a.b c=\"\xC3\xA9\"");
  CAF_REQUIRE_EQUAL(line.size(),
                    std::string{"2026-01-31T09:15:00.123Z"}.size()
                      + std::string{" warning a.b c=\"xx\"\n"}.size());
  CAF_CHECK_EQUAL(line.substr(10, 1), "T");
  CAF_CHECK_EQUAL(line.substr(23), "Z warning a.b c=\"\xC3\xA9\"\n");
  auto object = boost::json::parse(log("json", "a.b")).as_object();
  CAF_CHECK_EQUAL(object.at("time").as_string().size(), 24u);
  CAF_CHECK_EQUAL(std::string{object.at("level").as_string()}, "warning");
}
