#include "tools/loadgen/report.hpp"

#include "tools/loadgen/plot.hpp"

#include <algorithm>
#include <sstream>

#define CAF_SUITE tools.loadgen.report
#include "tests/test.hpp"

using namespace observer::loadgen;

namespace {

/// Two seconds with 1000 deliveries, from 1 to 1000 microseconds.
outcome sample() {
  outcome x;
  x.set_up = true;
  x.seconds = 2;
  x.units = timeline{time_point{}, milliseconds{100}};
  for (int i = 0; i < 1000; ++i)
    x.units.record(time_point{milliseconds{2 * i}},
                   static_cast<std::uint64_t>(i + 1) * 1000);
  x.latency = x.units.total();
  x.count = 1000;
  x.totals.received = 1200;
  x.server_at_start = x.server_before = process_usage{0, 0, 100, 5, 5};
  x.server_after = process_usage{3000, 5000, 140, 25, 5};
  return x;
}

options settings() {
  options x;
  x.server_pids = {1};
  return x;
}

} // namespace

CAF_TEST(figures are per unit and per second) {
  auto x = to_json(settings(), sample());
  CAF_CHECK(x.at("ok").as_bool());
  CAF_CHECK_EQUAL(x.at("per_second").as_double(), 500.0);
  CAF_CHECK_EQUAL(x.at("server").at("cpu_user_us_per_unit").as_double(), 3.0);
  CAF_CHECK_EQUAL(x.at("server").at("cpu_system_us_per_unit").as_double(), 5.0);
  CAF_CHECK_EQUAL(x.at("server").at("rss_kib_after").as_uint64(), 140u);
  CAF_CHECK_EQUAL(x.at("server").at("voluntary_switches").as_uint64(), 20u);
  CAF_CHECK_EQUAL(x.at("latency_us").at("max").as_double(), 1000.0);
  auto p50 = x.at("latency_us").at("p50").as_double();
  CAF_CHECK(p50 >= 500.0 && p50 <= 505.0);
  CAF_CHECK_EQUAL(x.at("timeline").as_array().size(), 20u);
  CAF_CHECK_EQUAL(x.at("timeline").at(3).at("per_second").as_double(), 500.0);
}

CAF_TEST(any fault is told and makes the run a bad one) {
  auto bad = sample();
  bad.totals.leaked = 3;
  auto x = to_json(settings(), bad);
  CAF_CHECK(!x.at("ok").as_bool());
  CAF_CHECK_EQUAL(x.at("check").at("leaked").as_uint64(), 3u);
  bad = sample();
  bad.failures.add("it broke");
  bad.failures.add("it broke");
  CAF_CHECK(!bad.is_good());
  std::ostringstream out;
  print(out, settings(), bad);
  CAF_CHECK(out.str().find("failure: it broke\n") != std::string::npos);
  CAF_CHECK_EQUAL(bad.failures.count, 2u);
  CAF_CHECK_EQUAL(bad.failures.kinds.size(), 1u);
}

CAF_TEST(a run that did not begin has no figures) {
  outcome x;
  CAF_CHECK(!x.is_good());
  auto figures = to_json({}, x);
  CAF_CHECK_EQUAL(figures.at("per_second").as_double(), 0.0);
  CAF_CHECK(figures.at("server").is_null());
  std::ostringstream out;
  print(out, {}, x);
  CAF_CHECK(out.str().starts_with("nothing was measured\n"));
}

CAF_TEST(a plot is a picture also of nothing) {
  for (auto& x : {sample(), outcome{}}) {
    auto picture = plot(settings(), x);
    CAF_CHECK(picture.starts_with("<svg "));
    CAF_CHECK(picture.ends_with("</svg>\n"));
    CAF_CHECK(picture.find("nan") == std::string::npos);
    CAF_CHECK(picture.find("inf") == std::string::npos);
  }
  auto picture = plot(settings(), sample());
  CAF_CHECK(picture.find("<polyline") != std::string::npos);
  CAF_CHECK(std::count(picture.begin(), picture.end(), ',') >= 5 * 19);
}
