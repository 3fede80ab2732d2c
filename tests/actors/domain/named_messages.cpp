#include "actors/domain/named_messages.hpp"

#define CAF_SUITE actors.domain.named_messages
#include "tests/test.hpp"

using namespace observer;
using std::chrono::seconds;

namespace {

/// Message number `n`, sent `n` seconds after the start.
named_message number(sequence n) {
  return {"name " + std::to_string(n), n, timestamp{seconds{n}}};
}

struct fixture {
  domain::named_messages all;

  void add(sequence first, sequence last) {
    for (auto n = first; n <= last; ++n)
      all.add(number(n));
  }

  [[nodiscard]] bool knows(sequence n) const {
    const auto* found = all.find(number(n).client_id);
    return found != nullptr && found->seq == n;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(named_messages_tests, fixture)

CAF_TEST(each is found by its name) {
  add(1, 1000);
  for (sequence n = 1; n <= 1000; ++n)
    CAF_CHECK(knows(n));
  CAF_CHECK(!knows(1001));
}

CAF_TEST(they are listed oldest first) {
  add(8, 12); // by name they stand otherwise
  auto list = all.oldest_first();
  CAF_REQUIRE_EQUAL(list.size(), 5u);
  for (std::size_t i = 0; i < list.size(); ++i)
    CAF_CHECK(list[i] == number(8 + i));
}

CAF_TEST(the last of a name takes the place of the first) {
  add(1, 1);
  auto again = number(1);
  again.seq = 7;
  all.add(again);
  CAF_CHECK_EQUAL(all.size(), 1u);
  CAF_CHECK_EQUAL(all.find("name 1")->seq, 7u);
}

CAF_TEST(who sends much does not keep what is old) {
  for (sequence n = 1; n <= 10'000; ++n) {
    CAF_CHECK(all.make_room(timestamp{seconds{n > 300 ? n - 300 : 0}}, 4096));
    add(n, n);
    CAF_CHECK_LESS(all.size(), 700u);
  }
  for (sequence n = 9'701; n <= 10'000; ++n)
    CAF_CHECK(knows(n));
}

CAF_TEST(over the limit there is room only when some are old) {
  add(1, 10);
  CAF_CHECK(all.make_room(timestamp{seconds{1}}, 11));
  CAF_CHECK(!all.make_room(timestamp{seconds{1}}, 10));
  CAF_CHECK(knows(1));
  CAF_CHECK(all.make_room(timestamp{seconds{2}}, 10));
  CAF_CHECK(!knows(1));
  CAF_CHECK(knows(2));
}

CAF_TEST_FIXTURE_SCOPE_END()
