#include "net/gateway/actor_selection.hpp"

#define CAF_SUITE net.gateway.actor_selection
#include "tests/test.hpp"

using namespace observer;
using namespace observer::gateway;

namespace {

using query = std::map<std::string, std::string, std::less<>>;

struct fixture {
  http::request request;
  std::vector<runtime::actor_info> all;

  fixture() {
    add(1, "room", "room 1000", 5);
    add(2, "room", "room 1001", 9);
    add(3, "session", "room for doubt", 9);
    add(4, "hub", "loop 0", 0);
  }

  void add(caf::actor_id id, const char* kind, const char* name,
           std::uint64_t mailbox) {
    runtime::actor_info x;
    x.id = id;
    x.kind = kind;
    x.label = name;
    x.mailbox = mailbox;
    all.push_back(std::move(x));
  }

  /// The ids of those that a query selects.
  std::string ids(query parameters) {
    auto read = read_selection({request, {}, std::move(parameters)});
    if (auto* wrong = std::get_if<std::string>(&read))
      return *wrong;
    auto some = all;
    keep_selected(std::get<actor_selection>(read), some);
    std::string out;
    for (auto& x : some)
      out += std::to_string(x.id);
    return out;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(actor_selection_tests, fixture)

CAF_TEST(without a query all are there by their ids) {
  std::reverse(all.begin(), all.end());
  CAF_CHECK_EQUAL(ids({}), "1234");
}

CAF_TEST(kinds and names and parts of names select) {
  CAF_CHECK_EQUAL(ids({{"kind", "room"}}), "12");
  CAF_CHECK_EQUAL(ids({{"name", "room"}}), "123");
  CAF_CHECK_EQUAL(ids({{"name", "room"}, {"kind", "session"}}), "3");
  CAF_CHECK_EQUAL(ids({{"is", "room 1001"}}), "2");
  CAF_CHECK_EQUAL(ids({{"is", "room"}}), "");
}

CAF_TEST(the largest come first and of equals the older) {
  CAF_CHECK_EQUAL(ids({{"sort", "mailbox"}}), "2314");
  CAF_CHECK_EQUAL(ids({{"sort", "mailbox"}, {"limit", "2"}}), "23");
  CAF_CHECK_EQUAL(ids({{"limit", "9"}}), "1234");
}

CAF_TEST(what is not known is refused) {
  CAF_CHECK_EQUAL(ids({{"limit", "0"}}), "limit is a number from 1");
  CAF_CHECK_EQUAL(ids({{"limit", "2x"}}), "limit is a number from 1");
  CAF_CHECK_EQUAL(ids({{"colour", "red"}}), "there is no parameter colour");
  CAF_CHECK_EQUAL(ids({{"sort", "name"}}),
                  "sort is one of id, mailbox, handled, busy_us, longest_us");
}

CAF_TEST(selections that differ have keys that differ) {
  CAF_CHECK_NOT_EQUAL(key_of({.kind = "a", .name = "b"}),
                      key_of({.kind = "a 1:b", .name = ""}));
  CAF_CHECK_NOT_EQUAL(key_of({.name = "a"}), key_of({.is = "a"}));
  CAF_CHECK_NOT_EQUAL(key_of({.limit = 1}), key_of({.limit = 2}));
  CAF_CHECK_EQUAL(key_of({.name = "a"}), key_of({.name = "a"}));
}

CAF_TEST_FIXTURE_SCOPE_END()
