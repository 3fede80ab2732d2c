#include "actors/room/absentees.hpp"

#define CAF_SUITE actors.room.absentees
#include "tests/test.hpp"

using namespace observer;
using std::chrono::seconds;

namespace {

struct fixture {
  absentees away;

  void add(int user, const std::string& network, int since) {
    away.add(user_id{user}, network, monotonic{seconds{since}});
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(absentees_tests, fixture)

CAF_TEST(of an address too many of whose members are away the first goes) {
  add(101, "a", 5);
  add(102, "a", 3);
  add(103, "b", 1);
  CAF_CHECK(away.over("a", 1) == user_id{102});
  CAF_CHECK(!away.over("a", 2));
  CAF_CHECK(!away.over("b", 1));
  CAF_CHECK(!away.over("c", 0));
}

CAF_TEST(in a full room one of the address goes that most are from) {
  CAF_CHECK(!away.over(0));
  add(101, "b", 1);
  add(102, "a", 3);
  add(103, "a", 2);
  CAF_CHECK(away.over(1) == user_id{103});
  CAF_CHECK(!away.over(2));
}

CAF_TEST(who is back or gone does not count) {
  add(101, "a", 1);
  add(102, "a", 2);
  away.remove(user_id{101});
  away.remove(user_id{101});
  CAF_CHECK(!away.over("a", 1));
  CAF_CHECK(away.over("a", 0) == user_id{102});
  away.remove(user_id{102});
  CAF_CHECK(!away.over(0));
}

CAF_TEST(who is no member is forgotten) {
  add(101, "a", 1);
  add(102, "a", 2);
  add(103, "b", 3);
  away.keep_only([](user_id x) { return x == user_id{102}; });
  CAF_CHECK(away.over("a", 0) == user_id{102});
  CAF_CHECK(!away.over("a", 1));
  CAF_CHECK(!away.over("b", 0));
}

CAF_TEST(who is away is so since the first time and from there) {
  add(101, "a", 1);
  add(101, "b", 9);
  add(102, "a", 2);
  CAF_CHECK(!away.over("b", 0));
  CAF_CHECK(away.over("a", 1) == user_id{101});
}

CAF_TEST_FIXTURE_SCOPE_END()
