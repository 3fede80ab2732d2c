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

CAF_TEST(every answer has a date and is what it says) {
  auto out = make_json(status::ok, "{}");
  add_common_fields(out);
  CAF_CHECK_EQUAL(out[field::date].size(), 29u);
  CAF_CHECK_EQUAL(std::string{out["X-Content-Type-Options"]}, "nosniff");
}
