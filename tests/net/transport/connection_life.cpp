#include "net/transport/connection_life.hpp"

#define CAF_SUITE net.transport.connection_life
#include "tests/test.hpp"

using namespace observer::transport;

CAF_TEST(the last notes stay in order) {
  incoming_notes notes;
  CAF_CHECK(notes.all().empty());
  auto times = [&] {
    std::vector<std::uint32_t> result;
    for (auto& x : notes.all())
      result.push_back(x.at_ms);
    return result;
  };
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < 50; ++i) {
    notes.add({i, 1, note_type{42}});
    expected.push_back(i);
    CAF_REQUIRE(times() == expected);
  }
  for (std::uint32_t i = 50; i < 120; ++i) {
    notes.add({i, 1, note_type{42}});
    expected.erase(expected.begin());
    expected.push_back(i);
    CAF_REQUIRE(times() == expected);
  }
}

CAF_TEST(a message is noted by the types in front of it) {
  CAF_CHECK_EQUAL(to_string(type_of("42[\"message\"]", false)), "42");
  CAF_CHECK_EQUAL(to_string(type_of("40", false)), "40");
  CAF_CHECK_EQUAL(to_string(type_of("451-[]", false)), "45");
  CAF_CHECK_EQUAL(to_string(type_of("3", false)), "3");
  CAF_CHECK_EQUAL(to_string(type_of("4", false)), "4");
  CAF_CHECK_EQUAL(to_string(type_of("49", false)), "4");
  CAF_CHECK_EQUAL(to_string(type_of("2probe", false)), "2");
  CAF_CHECK_EQUAL(to_string(type_of("", false)), "?");
  CAF_CHECK_EQUAL(to_string(type_of("hello", false)), "?");
  CAF_CHECK_EQUAL(to_string(type_of("42", true)), "b");
}

CAF_TEST(a polling request is noted as one) {
  CAF_CHECK_EQUAL(to_string(note_type::post), "post");
}

CAF_TEST(a life is told as far as it went) {
  using namespace std::chrono_literals;
  life_recorder::time_point opened{1h};
  life_recorder record{opened};
  record.came(note_type{40}, 2, opened + 5ms);
  record.upgraded(opened + 30ms);
  record.came(note_type{3}, 1, opened + 25s);
  record.waiting(500);
  record.waiting(100);
  record.closing("kicked");
  auto life = record.until(opened + 30s);
  CAF_CHECK_EQUAL(life.age.count(), 30'000);
  CAF_CHECK_EQUAL(life.silent.count(), 5'000);
  CAF_REQUIRE(life.upgraded);
  CAF_CHECK_EQUAL(life.upgraded->count(), 30);
  CAF_CHECK_EQUAL(life.messages, 2U);
  CAF_CHECK_EQUAL(life.queued_most, 500U);
  CAF_CHECK_EQUAL(life.detail, "kicked");
  CAF_REQUIRE_EQUAL(life.last.size(), 1U); // no heartbeats
  CAF_CHECK_EQUAL(life.last[0].at_ms, 5U);
  CAF_CHECK(life.last[0].type == note_type{40});
}
