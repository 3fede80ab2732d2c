#include "net/transport/refusal_log.hpp"

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

#define CAF_SUITE net.transport.refusal_log
#include "tests/test.hpp"

using namespace observer;
using namespace observer::transport;
using namespace std::chrono_literals;

namespace {

struct fixture {
  fixture() {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_st>(lines);
    auto logger = std::make_shared<spdlog::logger>("test", std::move(sink));
    logger->set_pattern("%l %v");
    spdlog::set_default_logger(std::move(logger));
    in.set(http::field::host, "127.0.0.1:3000");
    in.set(http::field::origin, "http://evil.example");
  }

  ~fixture() {
    spdlog::set_default_logger(before);
  }

  /// What was logged since the last call.
  std::string said() {
    auto result = lines.str();
    lines.str({});
    return result;
  }

  std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
  std::ostringstream lines;
  refusal_log log;
  refusal_log::time_point now{1h};
  http::request in;
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(refusal_log_tests, fixture)

CAF_TEST(a refusal is logged in words that name the key) {
  log.origin_refused(in, now);
  CAF_CHECK_EQUAL(said(), "warning transport.origin_refused "
                          "origin=\"http://evil.example\" "
                          "host=\"127.0.0.1:3000\" times=1 key=allow-origin\n");
  log.host_refused(in, now);
  CAF_CHECK_EQUAL(said(), "warning transport.host_refused "
                          "origin=\"http://evil.example\" "
                          "host=\"127.0.0.1:3000\" times=1 key=allow-host\n");
}

CAF_TEST(many refusals are a line now and then) {
  auto shows = [](const std::string& text, const char* part) {
    return text.find(part) != text.npos;
  };
  log.origin_refused(in, now);
  CAF_CHECK(shows(said(), " times=1 "));
  for (int i = 0; i < 5; ++i)
    log.origin_refused(in, now + 9s);
  CAF_CHECK_EQUAL(said(), "");
  log.origin_refused(in, now + 10s);
  CAF_CHECK(shows(said(), " times=6 "));
  log.origin_refused(in, now + 20s);
  CAF_CHECK(shows(said(), " times=1 "));
}

CAF_TEST(what a client says is one line and not a long one) {
  in.set(http::field::origin, "a\xFF\"\t" + std::string(1000, 'x'));
  log.origin_refused(in, now);
  auto line = said();
  CAF_CHECK_LESS(line.size(), 400u);
  CAF_CHECK_EQUAL(std::count(line.begin(), line.end(), '\n'), 1);
  CAF_CHECK(line.find('\xFF') == line.npos);
}

CAF_TEST_FIXTURE_SCOPE_END()
