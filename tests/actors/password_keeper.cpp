#include "tests/actors/room/support.hpp"

#define CAF_SUITE actors.password_keeper
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;

namespace {

struct fixture : house {
  guest ada{*this};

  static settings wanted() {
    settings result;
    result.rate_limits = false;
    result.password_line = 8;
    return result;
  }

  fixture() : house(wanted()) {
    host_request request{.name = "Ada"};
    request.password = "tea";
    ada.hosts(std::move(request));
  }

  static join_request knock(room_id room, std::string name,
                            std::string password) {
    join_request result;
    result.room = room;
    result.name = std::move(name);
    result.password = std::move(password);
    return result;
  }

  std::optional<errc> tries(guest& who, std::string password) {
    return who.refusal(knock(ada.room, "Ben", std::move(password)));
  }

  std::optional<errc> sets_password(std::string password) {
    configure_request request;
    request.password = std::move(password);
    return ada.refusal(std::move(request));
  }

  password_keeper_snapshot keeper() {
    return std::get<password_keeper_snapshot>(
      query<actor_snapshot>(get_snapshot{}, passwords));
  }

  /// The server ends and starts again: nothing of passwords is known.
  void restart() {
    end();
    start();
  }

  reading_right reads(std::optional<std::string> password) {
    return query<reading_right>(
      reading_request{ada.room, std::move(password), {}});
  }

  /// Everybody else's passwords wait already.
  std::vector<waiting_line::place> fill_line() {
    std::vector<waiting_line::place> result;
    for (int i = 0; i < 8; ++i)
      result.push_back(actors->password_line().line.enter(std::to_string(i)));
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(password_keeper_tests, fixture)

CAF_TEST(a password that was just set need not be looked at) {
  guest ben{*this};
  CAF_CHECK(tries(ben, "coffee") == errc::wrong_password);
  CAF_CHECK(!tries(ben, "tea"));
  CAF_CHECK_EQUAL(keeper().hashed, 1u);
  CAF_CHECK_EQUAL(keeper().checked, 0u);
}

CAF_TEST(after a restart the first right one is looked at and no other) {
  restart();
  guest ben{*this};
  guest cara{*this};
  CAF_CHECK(tries(ben, "coffee") == errc::wrong_password);
  CAF_CHECK(!tries(ben, "tea"));
  CAF_CHECK(tries(cara, "milk") == errc::wrong_password);
  CAF_CHECK_EQUAL(keeper().checked, 2u);
}

CAF_TEST(all who come while one is looked at wait for it) {
  restart();
  guest ben{*this};
  guest cara{*this};
  guest dan{*this};
  ben.send(knock(ada.room, "Ben", "tea"));
  cara.send(knock(ada.room, "Cara", "tea"));
  dan.send(knock(ada.room, "Dan", "coffee"));
  run();
  CAF_CHECK_EQUAL(keeper().checked, 1u);
  CAF_CHECK(std::holds_alternative<entered>(ben.port->answers.at(0)));
  CAF_CHECK(std::holds_alternative<entered>(cara.port->answers.at(0)));
  CAF_CHECK(room_of_two::refused(dan, errc::wrong_password));
}

CAF_TEST(what is asked behind a new password is done behind it) {
  configure_request request;
  request.password = "coffee";
  ada.send(std::move(request));
  message_request said;
  said.text = "it is coffee now";
  ada.send(std::move(said));
  run();
  CAF_CHECK(std::holds_alternative<success>(ada.port->answers.at(1)));
  CAF_CHECK(std::holds_alternative<posted>(ada.port->answers.at(2)));
  guest ben{*this};
  CAF_CHECK(tries(ben, "tea") == errc::wrong_password);
  CAF_CHECK(!tries(ben, "coffee"));
}

CAF_TEST(who may not set a password makes the room forget none) {
  guest ben{*this};
  CAF_CHECK(!tries(ben, "tea"));
  configure_request request;
  request.password = "coffee";
  CAF_CHECK(ben.refusal(std::move(request)) == errc::forbidden);
  guest cara{*this};
  CAF_CHECK(!cara.refusal(knock(ada.room, "Cara", "tea")));
  CAF_CHECK_EQUAL(keeper().checked, 0u);
}

CAF_TEST(a password that is taken away is not hashed) {
  CAF_CHECK(!sets_password(""));
  CAF_CHECK_EQUAL(keeper().hashed, 1u);
  guest ben{*this};
  CAF_CHECK(!ben.refusal(knock(ada.room, "Ben", "")));
}

CAF_TEST(who reads by REST gives a password as well) {
  restart();
  CAF_CHECK(reads({}) == reading_right::refused);
  CAF_CHECK_EQUAL(keeper().checked, 0u);
  CAF_CHECK(reads("coffee") == reading_right::refused);
  CAF_CHECK(reads("tea") == reading_right::granted);
  CAF_CHECK(reads("tea") == reading_right::granted);
  CAF_CHECK_EQUAL(keeper().checked, 2u);
}

CAF_TEST(without a place in the line nobody waits) {
  restart();
  guest ben{*this};
  auto others = fill_line();
  CAF_CHECK(tries(ben, "tea") == errc::unavailable);
  CAF_CHECK(reads("tea") == reading_right::held_off);
  host_request request{.name = "Ben"};
  request.password = "milk";
  CAF_CHECK(ben.refusal(request) == errc::unavailable);
  CAF_CHECK_EQUAL(met.password_line.load(), 3u);
  others.clear();
  CAF_CHECK(!tries(ben, "tea"));
  CAF_CHECK_EQUAL(keeper().waiting, 0u);
}

CAF_TEST(if the keeper fails who waits is told) {
  fail(passwords);
  CAF_CHECK(sets_password("coffee") == errc::unavailable);
  guest ben{*this};
  CAF_CHECK(!tries(ben, "tea"));
}

CAF_TEST_FIXTURE_SCOPE_END()
