#include "net/gateway/json_writer.hpp"

#include <vector>

#define CAF_SUITE net.gateway.json_writer
#include "tests/test.hpp"

using namespace observer;
using namespace observer::gateway;
using namespace std::chrono_literals;

namespace {

std::string write(timestamp at) {
  std::string out;
  append_time(out, at);
  return out;
}

constexpr std::chrono::sys_days day(int y, unsigned m, unsigned d) {
  return std::chrono::year{y} / static_cast<int>(m) / static_cast<int>(d);
}

} // namespace

CAF_TEST(times are utc with milliseconds) {
  CAF_CHECK_EQUAL(write(day(2026, 1, 31) + 9h + 15min + 123ms),
                  R"("2026-01-31T09:15:00.123Z")");
  CAF_CHECK_EQUAL(write(timestamp{}), R"("1970-01-01T00:00:00.000Z")");
  CAF_CHECK_EQUAL(write(day(2024, 2, 29) + 23h + 59min + 59s + 999ms),
                  R"("2024-02-29T23:59:59.999Z")");
  CAF_CHECK_EQUAL(write(timestamp{-1ms}), R"("1969-12-31T23:59:59.999Z")");
}

CAF_TEST(an object without members is one) {
  std::string out = "x";
  { object_writer object{out}; }
  CAF_CHECK_EQUAL(out, "x{}");
}

CAF_TEST(members keep their order and type) {
  std::string out;
  {
    object_writer object{out};
    object.add("text", std::string{"a\"b"});
    object.add("literal", "true");
    object.add("flag", true);
    object.add("off", false);
    object.add("small", std::uint32_t{7});
    object.add("large", std::uint64_t{18446744073709551615U});
    object.add("negative", std::int64_t{-5});
    object.add("room", room_id{1000});
    object.add("user", user_id{100});
    object.add("at", timestamp{});
  }
  CAF_CHECK_EQUAL(out,
                  R"({"text":"a\"b","literal":"true","flag":true,"off":false,)"
                  R"("small":7,"large":18446744073709551615,"negative":-5,)"
                  R"("room":1000,"user":100,"at":"1970-01-01T00:00:00.000Z"})");
}

CAF_TEST(a name that only the run knows is escaped) {
  std::string out;
  {
    object_writer object{out};
    object.raw_named("a\"b") += "1";
    object.add("c", 2);
    object.raw_named("") += "3";
  }
  CAF_CHECK_EQUAL(out, R"({"a\"b":1,"c":2,"":3})");
}

CAF_TEST(objects stand in objects) {
  std::string out;
  {
    object_writer object{out};
    object_writer inner{object.raw("a")};
    inner.add("b", 1);
  }
  CAF_CHECK_EQUAL(out, R"({"a":{"b":1}})");
}

CAF_TEST(arrays hold what the caller appends) {
  auto write_all = [](const std::vector<int>& elements) {
    std::string out;
    append_array(out, elements,
                 [](std::string& to, int x) { to += std::to_string(x); });
    return out;
  };
  CAF_CHECK_EQUAL(write_all({}), "[]");
  CAF_CHECK_EQUAL(write_all({1}), "[1]");
  CAF_CHECK_EQUAL(write_all({1, 2, 3}), "[1,2,3]");
}
