#include "net/socketio/iso_time.hpp"

#define CAF_SUITE net.socketio.iso_time
#include "tests/test.hpp"

using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

std::string write(sys_time<milliseconds> at) {
  std::string out;
  observer::socketio::append_iso_time(out, at);
  return out;
}

} // namespace

CAF_TEST(times are written as by javascript) {
  CAF_CHECK_EQUAL(write({}), "1970-01-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(write(sys_time<milliseconds>{1769850900123ms}),
                  "2026-01-31T09:15:00.123Z");
  CAF_CHECK_EQUAL(write(sys_time<milliseconds>{-1ms}),
                  "1969-12-31T23:59:59.999Z");
  CAF_CHECK_EQUAL(write(sys_days{year{0} / 1 / 1}), "0000-01-01T00:00:00.000Z");
  CAF_CHECK_EQUAL(write(sys_days{year{9999} / 12 / 31} + 23h + 59min),
                  "9999-12-31T23:59:00.000Z");
}
