#include "tests/actors/support.hpp"

#define CAF_SUITE actors.room.rates
#include "tests/test.hpp"

using namespace observer;
using namespace observer::actor_tests;
using std::chrono::seconds;

namespace {

struct fixture : house {
  guest ada{*this};

  fixture() {
    limits.messages = token_rate::unlimited();
    host_request request{.name = "Ada"};
    request.password = "correct horse";
    ada.hosts(std::move(request));
  }

  std::optional<errc> tries(guest& who, const std::string& password) {
    join_request request;
    request.room = ada.room;
    request.name = "Somebody";
    request.password = password;
    return who.refusal(std::move(request));
  }

  std::optional<errc> tries_token(guest& who, const std::string& token) {
    rejoin_request request;
    request.room = ada.room;
    request.token = token;
    return who.refusal(std::move(request));
  }

  std::optional<errc> says(std::size_t bytes, payload_ptr data = nullptr) {
    message_request request;
    request.text = std::string(bytes, 'x');
    request.data = std::move(data);
    return ada.refusal(std::move(request));
  }

  guest guest_from(const std::string& address) {
    guest result{*this};
    result.port->who.address = address;
    return result;
  }
};

} // namespace

CAF_TEST_FIXTURE_SCOPE(room_rates_tests, fixture)

// -- entries that fail --------------------------------------------------------

CAF_TEST(guesses of a password are held to a rate and the right one as well) {
  limits.failed_entries = {1, 3};
  guest ben{*this};
  for (int i = 0; i < 3; ++i)
    CAF_CHECK(tries(ben, "wrong") == errc::wrong_password);
  CAF_CHECK(tries(ben, "wrong") == errc::rate_limited);
  CAF_MESSAGE("who knew it only now would know it by the answer");
  CAF_CHECK(tries(ben, "correct horse") == errc::rate_limited);
  CAF_CHECK_EQUAL(met.failed_entries.load(), 2u);
  pass(seconds{1});
  CAF_CHECK(!tries(ben, "correct horse"));
}

CAF_TEST(guesses of a token count with those of a password) {
  limits.failed_entries = {1, 2};
  guest ben{*this};
  CAF_CHECK(tries_token(ben, "guess") == errc::bad_token);
  CAF_CHECK(tries(ben, "wrong") == errc::wrong_password);
  CAF_CHECK(tries_token(ben, ada.token) == errc::rate_limited);
  pass(seconds{1});
  CAF_CHECK(!tries_token(ben, ada.token));
}

CAF_TEST(guesses count for all sockets of an address and for nobody else) {
  limits.failed_entries = {1, 1};
  auto one = guest_from("2001:db8:1:2::1");
  auto another = guest_from("2001:db8:1:2::2");
  auto elsewhere = guest_from("2001:db8:1:3::1");
  CAF_CHECK(tries(one, "wrong") == errc::wrong_password);
  CAF_CHECK(tries(another, "correct horse") == errc::rate_limited);
  CAF_CHECK(!tries(elsewhere, "correct horse"));
}

CAF_TEST(guesses at one room leave the others open) {
  limits.failed_entries = {1, 1};
  guest ben{*this};
  CAF_CHECK(tries(ben, "wrong") == errc::wrong_password);
  guest cleo{*this};
  cleo.hosts({.name = "Cleo"});
  ben.joins(cleo.room, "Ben");
}

CAF_TEST(entries that fail for other reasons are no guesses) {
  limits.failed_entries = {1, 1};
  guest ben{*this};
  join_request request;
  request.room = ada.room;
  request.name = "Ada";
  request.password = "correct horse";
  for (int i = 0; i < 5; ++i)
    CAF_CHECK(ben.refusal(request) == errc::name_taken);
  CAF_CHECK(!tries(ben, "correct horse"));
}

CAF_TEST(with the limits off anybody may guess) {
  limits.failed_entries = {1, 1};
  limits.rate_limits = false;
  guest ben{*this};
  for (int i = 0; i < 5; ++i)
    CAF_CHECK(tries(ben, "wrong") == errc::wrong_password);
}

CAF_TEST(who asks by REST guesses no faster and a token always opens) {
  limits.failed_entries = {1, 2};
  auto right = [this](std::optional<std::string> password,
                      std::optional<std::string> token = {}) {
    return query<reading_right>(
      reading_request{ada.room, std::move(password), std::move(token)});
  };
  CAF_CHECK(right("wrong") == reading_right::refused);
  CAF_CHECK(right({}) == reading_right::refused); // no guess
  CAF_CHECK(right("wrong") == reading_right::refused);
  CAF_CHECK(right("correct horse") == reading_right::held_off);
  CAF_CHECK(right("wrong", ada.token) == reading_right::granted);
  CAF_MESSAGE("whoever wants to enter does not feel it");
  guest ben{*this};
  CAF_CHECK(tries(ben, "wrong") == errc::wrong_password);
  pass(seconds{1});
  CAF_CHECK(right("correct horse") == reading_right::granted);
}

// -- bytes --------------------------------------------------------------------

CAF_TEST(what is said in a room is held to a rate of bytes) {
  limits.room_bytes = {1000, 3000};
  CAF_CHECK(!says(1000));
  CAF_CHECK(!says(4000)); // larger than what is left: owed
  CAF_CHECK(says(1) == errc::rate_limited);
  CAF_CHECK_EQUAL(met.room_bytes.load(), 1u);
  pass(seconds{2});
  CAF_CHECK(!says(1));
}

CAF_TEST(data and attachments and activities count as well) {
  limits.room_bytes = {1000, 3000};
  auto data = std::make_shared<payload>();
  data->json = std::string(1500, '1');
  data->attachments = {std::string(1000, 'a'), std::string(1000, 'b')};
  CAF_CHECK(!says(1, data));
  activity_request typing;
  typing.kind = "typing";
  CAF_CHECK(ada.refusal(typing) == errc::rate_limited);
  pass(seconds{1});
  CAF_CHECK(!ada.refusal(typing));
}

CAF_TEST(what is refused for another reason costs the room nothing) {
  limits.room_bytes = {1000, 3000};
  guest ben{*this};
  CAF_CHECK(!tries(ben, "correct horse"));
  mute_request mute;
  mute.user = user_id{to_number(ada.id) + 1};
  mute.muted = true;
  CAF_REQUIRE(!ada.refusal(mute));
  message_request loud;
  loud.text = std::string(5000, 'x');
  for (int i = 0; i < 5; ++i)
    CAF_CHECK(ben.refusal(loud) == errc::forbidden);
  CAF_CHECK(!says(1));
}

CAF_TEST(each room has its own rate of bytes) {
  limits.room_bytes = {1000, 1000};
  guest ben{*this};
  ben.hosts({.name = "Ben"});
  CAF_CHECK(!says(2000));
  CAF_CHECK(says(1) == errc::rate_limited);
  CAF_CHECK(std::holds_alternative<posted>(*ben.says("x")));
}

CAF_TEST_FIXTURE_SCOPE_END()
