#include "actors/domain/secret.hpp"

#define CAF_SUITE actors.domain.secret
#include "tests/test.hpp"

using namespace observer;
using namespace observer::domain;

namespace {

constexpr auto cost = password_cost::least();

} // namespace

CAF_TEST(a hash fits its password and no other) {
  auto hash = hash_password("correct horse", cost);
  CAF_CHECK(matches(hash, "correct horse"));
  CAF_CHECK(!matches(hash, "correct horse "));
  CAF_CHECK(!matches(hash, ""));
  CAF_CHECK_NOT_EQUAL(hash, hash_password("correct horse", cost));
}

CAF_TEST(passwords are hashed at interactive cost) {
  auto hash = hash_password("tea", password_cost::interactive());
  CAF_MESSAGE(hash);
  CAF_CHECK_EQUAL(hash.substr(0, 30), "$argon2id$v=19$m=65536,t=2,p=1");
  CAF_CHECK(matches(hash, "tea"));
}

CAF_TEST(a hash of an older server is checked at its own cost) {
  CAF_CHECK(matches(hash_password("tea", {1, 64 * 1024}), "tea"));
}

CAF_TEST(a known password is told from others and knows one hash only) {
  known_password known;
  CAF_CHECK(!known.fits("hash", "tea"));
  known.learn("hash", "tea");
  CAF_CHECK(known.fits("hash", "tea") == true);
  CAF_CHECK(known.fits("hash", "coffee") == false);
  CAF_CHECK(!known.fits("another", "tea"));
  known.learn("another", "coffee");
  CAF_CHECK(!known.fits("hash", "tea"));
}
