#include "net/http/message.hpp"

#define CAF_SUITE net.http.message
#include "tests/test.hpp"

using namespace observer::http;

CAF_TEST(dates are written as http wants them) {
  using std::chrono::seconds;
  using std::chrono::system_clock;
  // The example of RFC 9110, section 5.6.7.
  CAF_CHECK_EQUAL(to_date(system_clock::time_point{seconds{784111777}}),
                  "Sun, 06 Nov 1994 08:49:37 GMT");
  CAF_CHECK_EQUAL(to_date(system_clock::time_point{}),
                  "Thu, 01 Jan 1970 00:00:00 GMT");
}

CAF_TEST(how long a connection is kept is told in whole seconds) {
  using namespace std::chrono_literals;
  auto told = [](std::chrono::milliseconds time) {
    response out;
    announce_keep_alive(out, time);
    return std::string{out[field::connection]} + " "
           + std::string{out[field::keep_alive]};
  };
  CAF_CHECK_EQUAL(told(75s), "keep-alive timeout=75");
  CAF_CHECK_EQUAL(told(1999ms), "keep-alive timeout=1");
  CAF_CHECK_EQUAL(told(999ms), " ");
}

CAF_TEST(every answer has a date and is what it says) {
  auto out = make_json(status::ok, "{}");
  add_common_fields(out);
  CAF_CHECK_EQUAL(out[field::date].size(), 29u);
  CAF_CHECK_EQUAL(std::string{out["X-Content-Type-Options"]}, "nosniff");
}
